#!/usr/bin/env bash
# Started by srun once on every node of a job: torchrun --nproc-per-node PROCESSES -m gaprelm.train STAGE.yaml on all of them.
#   torchrun_node.sh PROCESSES -m gaprelm.train STAGE.yaml
# The nodes meet at the first one of the step, or at GAPRELM_RENDEZVOUS (HOST), at a port made of the job's number.
set -euo pipefail
processes=$1
shift
host=${GAPRELM_RENDEZVOUS:-$(scontrol show hostnames "$SLURM_STEP_NODELIST" | head -n 1)}
port=$((20000 + SLURM_JOB_ID % 20000))
exec torchrun --nnodes "$SLURM_STEP_NUM_NODES" --nproc-per-node "$processes" --rdzv-backend c10d \
    --rdzv-id "$SLURM_JOB_ID" --rdzv-endpoint "$host:$port" "$@"
