#!/usr/bin/env bash
# make test-slurm: a Slurm cluster of two nodes on this machine, loopback only, and the smoke workflow on it.
#   1. profiles/slurm, every rule a job of its own
#   2. num_nodes=2: a torchrun on each node, one training of two processes (gloo)
#   3. GPUs of several nodes are asked for by node
#   4. SIGTERM from the cluster: a checkpoint, and the next try goes on
# Needs root and Debian's slurm-wlm and munge. Everything runs in a mount namespace of its own, where /etc/slurm is a
# folder of this run; nothing of the machine is changed, and all is ended with the script.
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $1"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
[ "$(id -u)" = 0 ] || skip "it needs root"
for tool in slurmctld slurmd munged sbatch unshare; do
    command -v "$tool" > /dev/null || skip "no $tool (apt-get install --no-install-recommends slurm-wlm munge)"
done
if [ "${1:-}" != inside ]; then exec unshare --mount --propagation private bash "$0" inside; fi

root=$(mktemp -d)
pids=()
workflow=
finish() {
    code=$?
    # First, and at once: on SIGTERM Snakemake would wait for jobs of a cluster that is gone.
    if [ -n "$workflow" ]; then kill -9 "$workflow" 2> /dev/null || true; fi
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
    wait "${pids[@]}" 2> /dev/null || true
    if [ $code != 0 ]; then tail -n 40 "$root"/*.log 2> /dev/null || true; fi
    umount /etc/slurm 2> /dev/null || true
    rm -rf "$root"
    exit $code
}
trap finish EXIT

etc=$root/etc
mkdir -p "$etc" "$root"/spool-node1 "$root"/spool-node2 "$root"/state
touch "$root/gpu0" "$root/gpu1"
dd if=/dev/urandom of="$root/munge.key" bs=1024 count=1 status=none
chmod 400 "$root/munge.key"
cat > "$etc/slurm.conf" << CONF
ClusterName=loopback
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$root/munge.socket
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=17000
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
MinJobAge=300
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool-%n
SlurmdPidFile=$root/%n.pid
SlurmctldPidFile=$root/slurmctld.pid
GresTypes=gpu
NodeName=node1 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=17001 CPUs=2 RealMemory=8000 Gres=gpu:1
NodeName=node2 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=17002 CPUs=2 RealMemory=8000 Gres=gpu:1
PartitionName=all Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
CONF
cat > "$etc/gres.conf" << CONF
AutoDetect=off
NodeName=node1 Name=gpu File=$root/gpu0
NodeName=node2 Name=gpu File=$root/gpu1
CONF
mkdir -p /etc/slurm
mount --bind "$etc" /etc/slurm

munged --force -F --key-file="$root/munge.key" -S "$root/munge.socket" --pid-file="$root/munged.pid" \
    --log-file="$root/munged.log" --seed-file="$root/munge.seed" > "$root/munged.out.log" 2>&1 &
pids+=($!)
slurmctld -D -c > "$root/slurmctld.log" 2>&1 &
pids+=($!)
for node in node1 node2; do
    slurmd -D -N $node > "$root/$node.log" 2>&1 &
    pids+=($!)
done
for _ in $(seq 60); do
    [ "$(sinfo --noheader --states=idle --format=%D 2> /dev/null)" = 2 ] && break
    sleep 1
done
sinfo --Node --format="%N %T %c %m %G"

export GAPRELM_RENDEZVOUS=127.0.0.1 GLOO_SOCKET_IFNAME=lo
profile=$root/profile
mkdir "$profile"
# The profile as it is, but for what this cluster has.
sed -e 's/mem_mb: [0-9]*/mem_mb: 2500/; s/: 8$/: 1/; s/runtime: [0-9]*/runtime: 10/' -e 's/latency-wait: 60/latency-wait: 10/' \
    profiles/slurm/profile.yaml > "$profile/profile.yaml"
printf "%s\n" "slurm-status-command: squeue" "slurm-init-seconds-before-status-checks: 2" >> "$profile/profile.yaml"
common="--profile $profile --workflow-profile none"

passed=0
snakemake all $common --configfile configs/smoke.yaml --config output_dir="$root/out" experiment_name=one num_processes=1
test -s "$root/out/one/evaluation/sample.metrics.json"
passed=$((passed + 1))
echo "passed: the smoke workflow on profiles/slurm"

snakemake train_infiller $common --configfile configs/smoke.yaml --config output_dir="$root/out" experiment_name=two num_processes=1 num_nodes=2 batch_size=8
test -s "$root/out/two/best_stage_a/model.safetensors"
grep "accumulated x 2" "$root/out/two/training.log"
passed=$((passed + 1))
echo "passed: one training on two nodes"

# The trainer refuses GPUs that are empty files; what Slurm was asked for stays on record.
snakemake train_infiller $common --retries 0 --forcerun train_infiller --configfile configs/smoke.yaml \
    --config output_dir="$root/out" experiment_name=two num_gpus=1 num_nodes=2 > "$root/gpus.out.log" 2>&1 && exit 1
scontrol show jobs | grep "TresPerNode=gres:gpu:1"
passed=$((passed + 1))
echo "passed: GPUs of several nodes are asked for by node"

# A long stage, told to end: a checkpoint of that step, and the next try (retries: 1) goes on from it.
printf 'stages: {infiller_pretrain: {num_epochs: 60, save_steps: 100000, eval_steps: 100000}}\n' > "$root/long.yaml"
snakemake train_infiller $common --configfile configs/smoke.yaml "$root/long.yaml" --config output_dir="$root/out" experiment_name=three num_processes=1 \
    > "$root/three.out.log" 2>&1 &
workflow=$!
until grep -q "step [0-9]*/" "$root/out/three/training.log" 2> /dev/null; do
    kill -0 $workflow 2> /dev/null || { echo "failed: the workflow ended before it trained"; tail -n 40 "$root/three.out.log"; exit 1; }
    sleep 0.5
done
scancel --signal=TERM "$(squeue --noheader --states=running --format=%A | tail -n 1)"
wait $workflow
workflow=
grep "SIGTERM: a checkpoint is saved at step" "$root/out/three/training.log"
grep "going on from .*checkpoint" "$root/out/three/training.log"
test -s "$root/out/three/best_stage_a/model.safetensors"
passed=$((passed + 1))
echo "passed: SIGTERM from the cluster saves a checkpoint, and the next try goes on"
echo "$passed passed, 0 failed"
