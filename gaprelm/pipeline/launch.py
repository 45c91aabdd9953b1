"""How the training processes of a stage are started, and what a cluster is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def launcher(processes: int, nodes: int, threads: int, node_script: Path) -> list[str]:
    """The words in front of ``-m gaprelm.training STAGE.yaml``.

    One process runs plainly; several are started by torchrun; several nodes by srun, a torchrun on each.

    Args:
        processes: on each node.
        threads: of each node.
        node_script: starts torchrun on a node.
    """
    if nodes > 1:
        tasks = ["--nodes", str(nodes), "--ntasks", str(nodes), "--ntasks-per-node", "1"]
        return [
            *("srun", *tasks, "--cpus-per-task", str(threads), "--kill-on-bad-exit=1"),
            *("bash", str(node_script), str(processes)),
        ]
    if processes == 1:
        return ["python"]
    return ["torchrun", "--standalone", "--nproc-per-node", str(processes)]


def node_resources(nodes: int, gpus: int) -> dict[str, Any]:
    """Slurm resources: all GPUs of one node; or several nodes, and the job's own shell calls srun (mpi), once a node.

    ``gpu`` is a job's total, which Slurm spreads as it likes (4 on two nodes as 3 and 1); ``gres`` counts by node.

    Args:
        gpus: of each node.
    """
    if nodes == 1:
        return {"nodes": 1}
    several = {"mpi": "srun", "nodes": nodes, "tasks": nodes, "tasks_per_gpu": 0}
    return several | ({"gres": f"gpu:{gpus}"} if gpus else {})
