"""How training processes are started."""

from pathlib import Path

import pytest

from gaprelm.pipeline.launch import launcher, node_resources

SCRIPT = Path("a b/torchrun_node.sh")


@pytest.mark.parametrize(
    ("processes", "nodes", "words"),
    [
        (1, 1, ["python"]),
        (4, 1, ["torchrun", "--standalone", "--nproc-per-node", "4"]),
    ],
)
def test_on_one_node(processes, nodes, words):
    assert launcher(processes, nodes, 8, SCRIPT) == words


def test_on_several_nodes_a_path_stays_one_word():
    words = launcher(2, 3, 8, SCRIPT)
    assert words[0] == "srun"
    assert words[-3:] == ["bash", "a b/torchrun_node.sh", "2"]
    assert words[1:9] == ["--nodes", "3", "--ntasks", "3", "--ntasks-per-node", "1", "--cpus-per-task", "8"]


def test_a_cluster_is_asked_for_the_gpus_of_each_node():
    assert node_resources(1, 4) == {"nodes": 1}
    assert node_resources(2, 4) == {"mpi": "srun", "nodes": 2, "tasks": 2, "tasks_per_gpu": 0, "gres": "gpu:4"}
    assert "gres" not in node_resources(2, 0)
