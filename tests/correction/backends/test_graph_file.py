"""Graphs of strangers: whatever they hold, standard operators and weights from one file are all that gets through."""

import random

import pytest
from onnx import AttributeProto, FunctionProto, GraphProto, SparseTensorProto, TensorProto, TrainingInfoProto, helper

from gaprelm.correction.backends.graph_file import check_graph
from gaprelm.errors import CheckpointError


def tensor(location="model.safetensors"):
    found = TensorProto(dims=[2], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in (("offset", "0"), ("location", location)):
        found.external_data.add(key=key, value=value)
    return found


def model(*nodes, **parts):
    graph = helper.make_graph(nodes or [helper.make_node("Relu", ["x"], ["y"])], "g", [], [], initializer=[tensor()])
    found = helper.make_model(graph)
    for name, part in parts.items():
        getattr(found if hasattr(found, name) else found.graph, name).append(part)
    return found


def holding(**values):
    """An operator with an attribute."""
    node = helper.make_node("Constant", [], ["y"])
    node.attribute.append(AttributeProto(name="a", **values))
    return node


OTHER, INNER = tensor("other.bin"), GraphProto(name="inner", initializer=[tensor("other.bin")])
SPARSE = SparseTensorProto(values=OTHER)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (model(initializer=OTHER), r"found weights in 'other\.bin'; expected model\.safetensors"),
        (model(initializer=tensor("../model.safetensors")), r"found weights in '\.\./model"),
        (model(initializer=tensor("/etc/passwd")), r"found weights in '/etc/passwd'"),
        (model(initializer=tensor("*/_ORT_MEM_ADDR_/*")), r"found weights in '\*/_ORT"),
        (model(sparse_initializer=SPARSE), "found weights in"),
        (model(holding(t=OTHER)), "found weights in"),
        (model(holding(tensors=[tensor(), OTHER])), "found weights in"),
        (model(holding(sparse_tensor=SPARSE)), "found weights in"),
        (model(holding(g=INNER)), "found a graph in an operator"),
        (model(holding(graphs=[INNER])), "found a graph in an operator"),
        (model(functions=FunctionProto(name="f")), "found a function"),
        (model(training_info=TrainingInfoProto(algorithm=INNER)), "found a training"),
        (model(helper.make_node("Relu", ["x"], ["y"], domain="evil")), "found an operator of 'evil'"),
    ],
)
def test_what_is_not_of_ours_is_named(tmp_path, found, message):
    path = tmp_path / "planner.onnx"
    path.write_bytes(found.SerializeToString())
    with pytest.raises(CheckpointError, match=rf"planner\.onnx is not a graph of ours: {message}"):
        check_graph(path)


def test_what_is_of_ours_is_taken(tmp_path):
    path = tmp_path / "planner.onnx"
    path.write_bytes(model(holding(t=tensor(), i=7, floats=[1.0, 2.0], s=b"x")).SerializeToString())
    check_graph(path)


def test_any_bytes_are_a_graph_or_one_error(tmp_path):
    path, chance = tmp_path / "planner.onnx", random.Random(1)
    content = model(holding(t=tensor(), i=7)).SerializeToString()
    for _ in range(100):
        changed = bytearray(content)
        for _ in range(chance.choice((0, 1, 5))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        path.write_bytes(changed[: chance.choice((len(changed), chance.randrange(len(changed))))])
        try:
            check_graph(path)
        except CheckpointError as error:
            found = error
    assert "is not a graph of ours" in str(found)
    path.write_bytes(b"\x08\x01" * (1 << 17))
    with pytest.raises(CheckpointError, match="it has 131,072 fields or more"):
        check_graph(path)
