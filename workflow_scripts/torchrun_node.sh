#!/usr/bin/env bash
# Started by srun once on every node of a job: torchrun --nproc-per-node PROCESSES -m gaprelm.training STAGE.yaml on all of them.
#   torchrun_node.sh PROCESSES -m gaprelm.training STAGE.yaml
# The nodes meet at the first one of the step, or at GAPRELM_RENDEZVOUS (HOST), at a port made of the job's number, or
# at GAPRELM_RENDEZVOUS_PORT.
set -euo pipefail
processes=$1
shift
host=${GAPRELM_RENDEZVOUS:-$(scontrol show hostnames "$SLURM_STEP_NODELIST" | head -n 1)}
port=${GAPRELM_RENDEZVOUS_PORT:-$((20000 + SLURM_JOB_ID % 20000))}
if [ "${SLURM_NODEID:-0}" = 0 ] && (: < "/dev/tcp/$host/$port") 2> /dev/null; then
    echo "error: port $port of $host, where the nodes of job $SLURM_JOB_ID meet, is taken" >&2
    echo "  cure: export GAPRELM_RENDEZVOUS_PORT with a free port, and start again" >&2
    exit 2
fi
exec torchrun --nnodes "$SLURM_STEP_NUM_NODES" --nproc-per-node "$processes" --rdzv-backend c10d \
    --rdzv-id "$SLURM_JOB_ID" --rdzv-endpoint "$host:$port" "$@"
