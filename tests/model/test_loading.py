"""Directories that are no checkpoint, or a damaged one: one message with the cure each time."""

import json
import os

import pytest
import torch

from gaprelm import Corrector
from gaprelm.errors import CheckpointError, ConfigurationError, GapReLMError
from gaprelm.model.checkpoint import find_checkpoint, read_document
from gaprelm.model.loading import load_model
from gaprelm.textio import file_hash
from tests.conftest import SENTENCES, edit_json


def remove(name):
    return lambda folder: (folder / name).unlink()


def write(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def cut(name):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-100])


def lose_a_weight(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["operation_head.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def calibrate(**changes):
    def apply(folder):
        document = {
            "weights_sha256": file_hash(folder / "model.safetensors"),
            "default": "f0.5",
            "operating_points": {"f0.5": {"thresholds": {"replace": 0.6, "insert": 0.7, "delete": 0.8}, "dev": None}},
        }
        (folder / "calibration.json").write_text(json.dumps(document | changes), encoding="utf-8")

    return apply


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (remove("config.json"), r"no config\.json there\n  cure: name a best_stage_c directory"),
        (remove("model.safetensors"), r"no model\.safetensors there"),
        (remove("vocab.txt"), r"no vocab\.txt there"),
        (write("config.json", b"{"), r"config\.json is not JSON"),
        (write("config.json", b"\xff\xfe"), r"config\.json:1: found a UTF-16 byte-order mark"),
        (write("config.json", b"[]"), r"config\.json: found list \[\]; expected an object"),
        (lambda f: edit_json(f / "config.json", model_type="bert"), r"found model_type 'bert'; expected 'gaprelm'"),
        (lambda f: edit_json(f / "config.json", max_insert_num=7), r"does not fit config\.json: 3 weights d"),
        (write("model.safetensors", b""), r"model\.safetensors is damaged"),
        (write("model.safetensors", b"\0" * 5000), r"model\.safetensors is damaged"),
        (cut("model.safetensors"), r"model\.safetensors is damaged"),
        (lose_a_weight, r"does not fit config\.json: 1 weights differ, first 'operation_head\.weight'"),
        (write("vocab.txt", b"[PAD]\n[UNK]\n"), r"vocab\.txt: no \[CLS\]"),
        (write("vocab.txt", b""), r"vocab\.txt: the file is empty"),
        (
            lambda f: (f / "vocab.txt").open("a").write("\u2f00\n\u2f01\n"),
            r"has 75 tokens; expected 73, as when it was saved\n  cure: copy",
        ),
        (write("vocab.txt", b"[PAD]\n[UNK]\n\xe6\x88\n"), r"vocab\.txt:3: found byte 0xe6"),
        (write("config.json", b"[" * 100_000), r"config\.json is not JSON"),
        (lambda f: edit_json(f / "config.json", max_seq_length="32"), r"max_seq_length: found '32'; expected a whole"),
        (lambda f: edit_json(f / "config.json", max_seq_length=2), r"max_seq_length: found int 2; expected a whole"),
        (lambda f: edit_json(f / "config.json", max_seq_length=4096), r"from 3 to the encoder's \d+ positions"),
        (lambda f: edit_json(f / "config.json", template="odd"), r"template: found 'odd'; expected one of sparse"),
        (lambda f: edit_json(f / "config.json", enable_gap=None), r"enable_gap: found NoneType None; expected true"),
        (
            lambda f: edit_json(f / "config.json", proposal_threshold=7),
            r"proposal_threshold: found int 7; expected a n",
        ),
        (
            lambda f: edit_json(f / "config.json", encoder_passes=True),
            r"encoder_passes: found bool True; expected one of 1, 2",
        ),
        (
            lambda f: edit_json(f / "config.json", operation_embedding=True),
            r"config\.json: operation_embedding: found True; expected False or no such key: .*\n  cure: train",
        ),
        (
            lambda f: edit_json(f / "config.json", aux_gap_prob=0.1),
            r"config\.json: aux_gap_prob: found 0\.1; expected 0\.0",
        ),
        (calibrate(weights_sha256="0" * 64), r"was made for other weights"),
        (calibrate(operating_points={}), r"calibration\.json: found .* expected weights_sha256"),
        (calibrate(operating_points={"f0.5": {"thresholds": {"replace": "much"}}}), r"calibration\.json: found "),
        (calibrate(operating_points={"f0.5": {"thresholds": {"swap": 0.5}}}), r"calibration\.json: found .*delete"),
        (write("calibration.json", b"nonsense"), r"calibration\.json is not JSON"),
        (lambda f: (f / "calibration.json").mkdir(), r"calibration\.json is not a file\n  cure: "),
        (lambda f: (f / "export.json").mkdir(), r"export\.json is not a file\n  cure: "),
        (lambda f: os.mkfifo(f / "export.json"), r"export\.json is not a file\n  cure: "),
        (lambda f: (f / "export.json").symlink_to("nowhere"), r"export\.json is not a file\n  cure: "),
        (lambda f: (f / "export.json").symlink_to("export.json"), r"export\.json is not a file\n  cure: "),
    ],
)
def test_damage_is_named(model_dir, damage, message):
    damage(model_dir)
    with pytest.raises(GapReLMError, match=message):
        Corrector.from_pretrained(model_dir, device="cpu")


def test_switches_that_have_gone_may_stand_in_a_checkpoint_where_they_are_off(model_dir):
    expected = Corrector.from_pretrained(model_dir, device="cpu").correct_batch(SENTENCES)
    edit_json(model_dir / "config.json", operation_embedding=False, aux_gap_prob=0.0)
    corrector = Corrector.from_pretrained(model_dir, device="cpu")
    assert corrector.correct_batch(SENTENCES) == expected
    model, _ = load_model(model_dir, "cpu")
    model.save_pretrained(model_dir)
    assert not {"operation_embedding", "aux_gap_prob"} & set(read_document(model_dir / "config.json"))


@pytest.mark.parametrize(("rows", "taken"), [(127, True), (128, False)])
def test_embeddings_may_be_padded(model_dir, rows, taken):
    """Some encoders have more rows than tokens; a vocabulary that was cut off is something else."""
    from transformers import BertConfig

    from gaprelm.model.configuration import GapReLMConfig
    from gaprelm.model.modeling import GapReLMModel

    config = json.loads((model_dir / "config.json").read_text(encoding="utf-8"))
    encoder = BertConfig(**config["encoder"] | {"vocab_size": config["encoder"]["vocab_size"] + rows}).to_dict()
    GapReLMModel(GapReLMConfig(**config | {"encoder": encoder})).save_pretrained(model_dir)
    if taken:
        assert Corrector.from_pretrained(model_dir, device="cpu")("我在家").source == "我在家"
    else:
        with pytest.raises(CheckpointError, match=r"vocab\.txt has \d+ tokens, but the weights"):
            Corrector.from_pretrained(model_dir, device="cpu")


def test_a_model_without_calibration_says_so(model_dir, caplog):
    (model_dir / "calibration.json").unlink(missing_ok=True)
    Corrector.from_pretrained(model_dir, device="cpu")
    assert "thresholds of 0.5 are used (the finished model is best_stage_c)" in caplog.text


def test_damaged_weights_are_told_before_their_calibration(model_dir):
    calibrate()(model_dir)
    cut("model.safetensors")(model_dir)
    with pytest.raises(CheckpointError, match="safetensors is damaged"):
        Corrector.from_pretrained(model_dir, device="cpu")


def test_a_vocabulary_that_was_cut_off_is_seen(model_dir):
    path = model_dir / "vocab.txt"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(CheckpointError, match=rf"vocab\.txt has {len(lines) - 1} tokens; expected {len(lines)}"):
        Corrector.from_pretrained(model_dir, device="cpu")


def test_what_does_not_fit_is_one_error_and_transformers_says_nothing(model_dir, capfd):
    lose_a_weight(model_dir)
    capfd.readouterr()
    with pytest.raises(CheckpointError):
        Corrector.from_pretrained(model_dir, device="cpu")
    assert "".join(capfd.readouterr()) == ""


def test_calibrated_thresholds_are_used(model_dir):
    calibrate()(model_dir)
    assert Corrector.from_pretrained(model_dir, device="cpu").thresholds["delete"] == 0.8
    with pytest.raises(CheckpointError, match=r"no operating point 'f2'; expected one of f0\.5"):
        Corrector.from_pretrained(model_dir, operating_point="f2")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"device": "cuda:99"}, "device 'cuda:99' cannot be used"),
        ({"device": "abacus"}, "device 'abacus' cannot be used"),
        ({"dtype": "int3"}, "dtype 'int3'; expected one of float32, bfloat16, float16"),
        ({"batch_size": 0}, "batch_size 0; expected a whole number"),
        ({"thresholds": {"replace": 7}}, "thresholds: replace: found int 7"),
    ],
)
def test_bad_arguments_are_named(model_dir, arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        Corrector.from_pretrained(model_dir, **arguments)


@pytest.mark.parametrize("dtype", ["bfloat16", torch.bfloat16])
def test_types(model_dir, dtype):
    corrector = Corrector.from_pretrained(model_dir, device="cpu", dtype=dtype)
    assert corrector("我今天去学校上课。").source == "我今天去学校上课。"


def test_what_is_no_directory(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CheckpointError, match="file: is not a directory\n  cure: name a best_stage"):
        find_checkpoint(tmp_path / "file")
    with pytest.raises(CheckpointError, match="nowhere: no such directory"):
        find_checkpoint("nowhere")


def test_names_of_the_hub(model_dir, monkeypatch):
    with pytest.raises(CheckpointError, match="nobody/gaprelm is not a directory here, and the hub did not give it"):
        find_checkpoint("nobody/gaprelm")
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name: {"me/mine": str(model_dir)}[name])
    assert find_checkpoint("me/mine") == model_dir
