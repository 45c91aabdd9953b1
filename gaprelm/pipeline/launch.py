"""How the training processes of a stage are started, and the resources that are requested from a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def launcher(processes: int, nodes: int, threads: int, node_script: Path) -> list[str]:
    """The words in front of ``-m gaprelm.training STAGE.yaml``.

    One process is started by python, several by torchrun; on several nodes srun starts torchrun on each.

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
    """Slurm resources of a stage. On several nodes the job's shell runs once, and calls srun itself (``mpi``).

    ``gpu`` is the total of a job, which Slurm may spread unevenly (4 on two nodes as 3 and 1), so several nodes also
    set ``gres``, which counts per node.

    Args:
        gpus: of each node.
    """
    if nodes == 1:
        return {"nodes": 1}
    several = {"mpi": "srun", "nodes": nodes, "tasks": nodes, "tasks_per_gpu": 0}
    return several | ({"gres": f"gpu:{gpus}"} if gpus else {})
