"""Exported models: the same edits as torch, without torch; damaged exports are refused."""

import functools
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from gaprelm import Corrector
from gaprelm.cli.main import main
from gaprelm.correction.backends.onnx_backend import OnnxBackend, _threads_wanted
from gaprelm.correction.backends.torch_backend import TorchBackend
from gaprelm.correction.decoding import Proposer
from gaprelm.correction.reading import TextReader
from gaprelm.correction.thresholds import read_thresholds
from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel
from gaprelm.errors import CheckpointError, ConfigurationError, run_command
from gaprelm.model.checkpoint import trained_weights_hash, weights_hash
from gaprelm.model.counted_inputs import CountedInputs
from gaprelm.model.initial import initial_model
from gaprelm.model.loading import load_model
from gaprelm.textio import file_hash
from tests.conftest import ROOT, SENTENCES
from tests.counts.conftest import PAIRS

CASES = {
    "masks": {"template": "masks"},
    "sparse tagging": {"template": "sparse", "enable_tagging": True},
    "two-passes": {"template": "full", "encoder_passes": 2, "enable_tagging": True},
    "counted": {"template": "masks", "enable_counts": True},
    "counted two passes": {"template": "sparse", "encoder_passes": 2, "enable_counts": True, "enable_tagging": True},
}
INT8 = ("--quantize", "int8")
SWITCHES = {"max_insert_num": 3, "max_seq_length": 64, "proposal_threshold": 0.15, "enable_insert": True}


def save(folder, texts, width=32, **switches):
    """A checkpoint with random weights; with counts these weigh as much as the counts."""
    counts = CountModel.build(texts * 2, ErrorCounts.from_pairs(PAIRS)) if switches.get("enable_counts") else None
    model, vocabulary = initial_model(
        "tiny", SWITCHES | switches, {"layers": 2, "hidden_size": width, "heads": 2}, 0.0, 1, texts, counts
    )
    if counts:
        for module in (model.operation_head, model.insert_head, model.infiller_head.predictions.transform.LayerNorm):
            torch.nn.init.normal_(module.weight, std=0.3)
            torch.nn.init.zeros_(module.bias)
    model.save_pretrained(folder)
    vocabulary.save(folder)
    thresholds = {"replace": 0.02, "insert": 0.0, "delete": 0.3}
    calibration = {"weights_sha256": trained_weights_hash(folder), "default": "f1"}
    calibration["operating_points"] = {"f1": {"thresholds": thresholds, "dev": None}}
    (folder / "calibration.json").write_text(json.dumps(calibration))
    return folder


def export(checkpoint, output, *options):
    assert run_command(lambda: main(["export", "--model", str(checkpoint), "-o", str(output), *options])) == 0
    return output


@pytest.fixture(scope="module")
def export_of(tmp_path_factory):
    """A function: case, options → a checkpoint and its export, which is made once."""
    folder = tmp_path_factory.mktemp("export")

    @functools.cache
    def checkpoint(case):
        return save(folder / case, SENTENCES, **CASES[case])

    @functools.cache
    def made(case, *options):
        return checkpoint(case), export(checkpoint(case), folder / "-".join(("onnx", case, *options)), *options)

    return made


@pytest.fixture(params=CASES)
def pair(request, export_of):
    """A checkpoint and its export, of each case."""
    return export_of(request.param)


@pytest.fixture
def exported(export_of):
    return export_of("masks")


def test_equals_torch(pair, make_batch):
    checkpoint, output = pair
    model, vocabulary = load_model(checkpoint, "cpu")
    torch_backend, onnx_backend = TorchBackend(model, vocabulary), OnnxBackend(output)
    assert onnx_backend.settings == torch_backend.settings
    for seed in range(3):
        source, rows, template = make_batch(vocabulary, model.config.template, seed)
        if model.counts:
            lengths = source.mask.sum(1) - 2
            ids = np.concatenate([own[1 : 1 + n] for own, n in zip(source.ids, lengths, strict=True)])
            source = replace(
                source, counted=CountedInputs(model.counts, vocabulary, model.config.settings)(ids, lengths)
            )
        expected, found = torch_backend.plan(source), onnx_backend.plan(source)
        inside = source.mask[..., None]
        np.testing.assert_allclose(found.operations * inside, expected.operations * inside, atol=1e-5)
        np.testing.assert_allclose(found.inserts * inside, expected.inserts * inside, atol=1e-5)
        tokens, probabilities = torch_backend.fill(expected.source, rows, template)
        for start in (found.source, source):
            written, certainty = onnx_backend.fill(start, rows, template)
            np.testing.assert_array_equal(written, tokens)
            np.testing.assert_allclose(certainty, probabilities, atol=1e-5)


def test_the_same_edits(pair):
    texts = [*SENTENCES, "", "我", "".join(SENTENCES), "Ａbc😀\u3000"]
    by_torch, by_onnx = (Corrector.from_pretrained(folder, device="cpu") for folder in pair)
    assert by_onnx.thresholds == by_torch.thresholds == read_thresholds(pair[0])
    edited = 0
    for one, other in zip(by_torch.correct_batch(texts), by_onnx.correct_batch(texts), strict=True):
        assert one.target == other.target
        assert [(e.start, e.end, e.target) for e in one.edits] == [(e.start, e.end, e.target) for e in other.edits]
        edited += bool(one.edits)
    assert edited > 5


def test_the_same_proposals_on_published_text(shared_data, tmp_path):
    """All of SIGHAN 2015's test set, with a model that knows its characters."""
    texts = (shared_data / "sighan_simplified" / "test15_error.txt").read_text(encoding="utf-8").splitlines()
    checkpoint = save(tmp_path / "model", texts, template="masks")
    output = export(checkpoint, tmp_path / "onnx")
    model, vocabulary = load_model(checkpoint, "cpu")
    expected, found = (TextReader(Proposer(backend, vocabulary))(texts) for backend in (model, OnnxBackend(output)))
    assert sum(map(len, expected)) > len(texts)
    # Random weights: where two answers are equally likely, rounding decides.
    same = sum([p.edit for p in a] == [p.edit for p in b] for a, b in zip(expected, found, strict=True))
    assert same >= len(texts) - 2


def test_the_documentation_lists_the_files(export_of):
    _, output = export_of("counted")
    rows = [
        line
        for line in (ROOT / "docs" / "use" / "export.md").read_text(encoding="utf-8").splitlines()
        if line[:3] == "| `"
    ]
    named = {name for row in rows for name in re.findall(r"`([\w.]+)`", row.split("|")[1])}
    assert named == {path.name for path in output.iterdir()}


def test_int8(exported, export_of, make_batch):
    checkpoint, output = exported
    _, small = export_of("masks", *INT8)
    assert json.loads((small / "export.json").read_text())["quantize"] == "int8"
    assert sorted(path.name for path in small.iterdir()) == sorted(path.name for path in output.iterdir())
    assert (small / "model.safetensors").stat().st_size < 0.5 * (output / "model.safetensors").stat().st_size
    assert weights_hash(small) != weights_hash(output)
    _, vocabulary = load_model(checkpoint, "cpu")
    source, *_ = make_batch(vocabulary, "masks")
    exact, rough = (OnnxBackend(folder).plan(source).operations for folder in (output, small))
    difference = np.abs(exact - rough)[source.mask]
    assert 0 < difference.max() < 0.1


@pytest.mark.parametrize("options", [(), INT8], ids=["fp32", "int8"])
def test_both_graphs_read_the_weights_from_one_file(tmp_path, options):
    checkpoint = save(tmp_path / "model", SENTENCES, 128, enable_tagging=True, enable_counts=True, template="masks")
    output = export(checkpoint, tmp_path / "onnx", *options)
    for name in ("planner.onnx", "infiller.onnx"):
        graph = onnx.load(output / name, load_external_data=False).graph
        # Of weights that are smaller than any of a real model, the exporter computes what the graph would compute.
        assert max(len(tensor.raw_data) for tensor in graph.initializer) <= 4 * 32 * 128
        assert any(tensor.external_data for tensor in graph.initializer)
        assert not any(node.metadata_props for node in graph.node), "they hold paths of the machine"


# Of one pass and of two, without counts and with them.
@pytest.mark.parametrize("case", ["masks", "counted two passes"])
def test_an_export_can_be_trained_on(export_of, case):
    """Its weights are those that it computes with, and a later run may have other switches."""
    checkpoint, output = export_of(case)
    _, small = export_of(case, *INT8)
    for folder, limit in ((output, 1e-9), (small, 0.05)):
        exact, found = (load_model(path, "cpu")[0].state_dict() for path in (checkpoint, folder))
        assert found.keys() == exact.keys()
        assert max((found[name] - exact[name]).abs().max() for name in exact) <= limit * (folder == small) + 1e-7
        started, _ = initial_model(str(folder), SWITCHES | {"enable_delete": False}, {}, 0.0, 1, [])
        assert not started.config.enable_delete
        name = "encoder.encoder.layer.0.output.dense.weight"
        torch.testing.assert_close(started.state_dict()[name], found[name])
    by_torch, by_onnx = (Corrector.from_pretrained(small, backend=backend) for backend in ("torch", "onnx"))
    for one, other in zip(by_torch.correct_batch(SENTENCES), by_onnx.correct_batch(SENTENCES), strict=True):
        assert one.target == other.target


@pytest.mark.parametrize("options", [(), INT8], ids=["fp32", "int8"])
def test_a_text_gets_the_same_edits_alone_and_in_any_batch(export_of, options):
    corrector = Corrector.from_pretrained(export_of("masks", *options)[1])
    texts = [*SENTENCES, "我", "".join(SENTENCES[:3])]
    together = dict(zip(texts[::-1], corrector.propose(texts[::-1]), strict=True))
    for text in texts:
        alone = corrector.propose([text])[0]
        assert [p.edit for p in alone] == [p.edit for p in together[text]]
        assert [p.confidence for p in alone] == pytest.approx([p.confidence for p in together[text]], abs=1e-5)


def test_runs_without_torch(exported):
    _, output = exported
    code = (
        "import sys; from gaprelm import Corrector; "
        f"corrector = Corrector.from_pretrained({str(output)!r}, backend='onnx'); "
        "print(corrector('我今天去学校上课。').source, {'torch', 'transformers', 'onnx'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "我今天去学校上课。 set()\n"


def test_the_command_line_takes_an_export(exported):
    checkpoint, output = exported
    command = [sys.executable, "-m", "gaprelm", "correct", "--model"]
    results = [
        subprocess.run([*command, folder, "--device", "cpu"], input="我今天去学校。\n", capture_output=True, text=True)
        for folder in (checkpoint, output)
    ]
    assert results[0].returncode == results[1].returncode == 0, results[1].stderr
    assert results[0].stdout == results[1].stdout


def test_backends_and_directories_must_fit(exported):
    checkpoint, output = exported
    with pytest.raises(CheckpointError, match=r"no export\.json there.*\n  cure: gaprelm export --model"):
        Corrector.from_pretrained(checkpoint, backend="onnx")
    for options, message in (
        ({"backend": "jax"}, "backend 'jax'; expected one of torch, onnx"),
        ({"device": "cuda"}, "device 'cuda'; expected cpu"),
        ({"dtype": "bfloat16"}, "dtype 'bfloat16'; exported models compute in float32"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            Corrector.from_pretrained(output, **options)


GRAPHS = ("planner.onnx", "infiller.onnx")
FILES = (*GRAPHS, "model.safetensors", "export.json", "config.json", "vocab.txt", "calibration.json")


@pytest.mark.parametrize("name", FILES)
def test_damaged_exports(exported, tmp_path, name):
    broken = tmp_path / "broken"
    shutil.copytree(exported[1], broken)
    content = (broken / name).read_bytes()
    (broken / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match=name):
        Corrector.from_pretrained(broken)


def test_files_of_another_export_are_refused(exported, tmp_path):
    """A vocabulary in another order is as sound as the right one."""
    other = tmp_path / "other"
    shutil.copytree(exported[1], other)
    lines = (other / "vocab.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    (other / "vocab.txt").write_text("".join(reversed(lines)), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"vocab\.txt is not the file that export\.json names"):
        Corrector.from_pretrained(other)


def signed(folder):
    """Let export.json name the files as they are now, as a stranger's would."""
    document = json.loads((folder / "export.json").read_text())
    for name in document["files"]:
        document["files"][name] = file_hash(folder / name)
    (folder / "export.json").write_text(json.dumps(document))


def other_output(model):
    model.graph.output[0].name = "other"
    for node in model.graph.node:
        node.output[:] = ["other" if name == "operations" else name for name in node.output]


def swapped_outputs(model):
    first, second = model.graph.output[0], model.graph.output[1]
    names = {"operations": "inserts", "inserts": "operations"}
    first.name, second.name = second.name, first.name
    for node in model.graph.node:
        node.output[:] = [names.get(name, name) for name in node.output]
    first_copy = onnx.ValueInfoProto()
    first_copy.CopyFrom(first)
    first.CopyFrom(second)
    second.CopyFrom(first_copy)


def unknown_operator(model):
    model.graph.node[0].op_type = "NoSuchOperator"


def other_location(model):
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = "other.bin" if entry.key == "location" else entry.value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (other_output, r"takes or gives something else than a graph of ours"),
        (swapped_outputs, r"gives float32 \(1, 6, 4\); expected float32 \(1, 6, 3\)"),
        (unknown_operator, r"cannot be loaded \("),
        (other_location, r"found weights in 'other\.bin'; expected model\.safetensors beside the graph"),
    ],
)
def test_graphs_of_a_stranger_are_refused_with_one_error(exported, tmp_path, change, message):
    """Their hashes are right; so hashes alone tell nothing of them."""
    folder = tmp_path / "strange"
    shutil.copytree(exported[1], folder)
    shutil.copy(folder / "model.safetensors", folder / "other.bin")
    model = onnx.load(folder / "planner.onnx", load_external_data=False)
    change(model)
    (folder / "planner.onnx").write_bytes(model.SerializeToString())
    signed(folder)
    with pytest.raises(CheckpointError, match=rf"planner\.onnx .*{message}"):
        Corrector.from_pretrained(folder).propose(["我去学校"])


def test_names_of_a_strangers_graph_do_not_reach_the_terminal(exported, tmp_path, capfd):
    """onnxruntime would log the name of the node that fails as it is, beside the error."""
    folder = tmp_path / "strange"
    shutil.copytree(exported[1], folder)
    model = onnx.load(folder / "planner.onnx", load_external_data=False)
    for node in model.graph.node:
        node.input[:] = ["reshaped" if name == "source_ids" else name for name in node.input]
    impossible = onnx.helper.make_tensor("impossible", onnx.TensorProto.INT64, [1], [1_000_003])
    model.graph.initializer.append(impossible)
    reshape = onnx.helper.make_node("Reshape", ["source_ids", "impossible"], ["reshaped"], name="\x1b]0;owned\x07")
    model.graph.node.insert(0, reshape)
    (folder / "planner.onnx").write_bytes(model.SerializeToString())
    signed(folder)
    with pytest.raises(CheckpointError, match=r"planner\.onnx cannot be run"):
        Corrector.from_pretrained(folder).propose(["我去学校"])
    assert "owned" not in capfd.readouterr().err


def test_weights_that_the_export_does_not_name_are_refused(exported, tmp_path):
    folder = tmp_path / "strange"
    shutil.copytree(exported[1], folder)
    document = json.loads((folder / "export.json").read_text())
    del document["files"]["model.safetensors"]
    (folder / "export.json").write_text(json.dumps(document))
    with pytest.raises(CheckpointError, match=r"model\.safetensors is not the file that export\.json names"):
        Corrector.from_pretrained(folder)


def test_an_export_of_links_is_read_if_all_are_links(exported, tmp_path):
    """As the cache of the hub holds a model; a link out of the folder to the weights alone is refused."""
    store, folder, other = (tmp_path / name for name in ("store", "folder", "other"))
    shutil.copytree(exported[1], store)
    shutil.copytree(exported[1], other)
    folder.mkdir()
    for path in store.iterdir():
        (folder / path.name).symlink_to(path)
    assert Corrector.from_pretrained(folder)("我去学校").source == "我去学校"
    (other / "model.safetensors").unlink()
    (other / "model.safetensors").symlink_to(store / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"planner\.onnx cannot be loaded .*escapes model directory"):
        Corrector.from_pretrained(other)


@pytest.mark.parametrize(("value", "threads"), [("2,1", 2), ("3", 3), ("", 0), ("many", 0)])
def test_threads_are_those_of_the_outermost_level(monkeypatch, value, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert _threads_wanted() == threads


def test_a_calibration_of_other_weights(exported, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(exported[1], other)
    document = json.loads((other / "export.json").read_text())
    (other / "export.json").write_text(json.dumps(document | {"weights_sha256": "0"}))
    with pytest.raises(CheckpointError, match=r"was made for other weights than .*export\.json"):
        Corrector.from_pretrained(other)


def test_what_is_there_is_not_overwritten(exported, capsys):
    checkpoint, output = exported
    assert run_command(lambda: main(["export", "--model", str(checkpoint), "-o", str(output)])) == 2
    assert f"error: {output} exists already" in capsys.readouterr().err


def test_missing_packages_are_named(exported, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "onnxscript", None)  # which import takes for a package that is not there
    assert run_command(lambda: main(["export", "--model", str(exported[0]), "-o", str(tmp_path / "x")])) == 2
    assert "onnxscript is not installed\n  cure: pip install 'gaprelm[torch]'" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
