"""Models of strangers: whatever their files say, they are loaded or refused with one error, and fast."""

import json
import os
import random
import shutil
import stat
import time

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from gaprelm import Corrector
from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel
from gaprelm.errors import CheckpointError, InputError
from gaprelm.model.config_file import read_config
from gaprelm.model.encoder import checked_encoder, largest_weights
from gaprelm.model.loading import load_model
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.settings import MODEL_KEYS
from gaprelm.training.kinds import load_trainable
from tests.conftest import edit_json
from tests.counts.conftest import PAIRS, TEXTS

DEEP = json.loads("[" * 900 + "]" * 900)
ODD = (True, "\x1b[31m", -1, 0, 1.5, float("nan"), 10**400, {"a": 1}, DEEP)
WEIGHTS = "model.safetensors"


@pytest.fixture
def make_folder(model_dir, tmp_path):
    """A function that makes a fresh copy of the model."""

    def make():
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        return shutil.copytree(model_dir, tmp_path / "copy")

    return make


def encoder_of(folder):
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))["encoder"]


def refusal(load, folder):
    """The message of the error, if the model is refused; any other error is a fault."""
    try:
        load(folder)
    except CheckpointError as error:
        return str(error)
    return None


def test_any_value_of_any_key_is_taken_or_refused(make_folder):
    """What is taken is built, without its weights; so nothing beyond the bounds takes time or memory."""
    folder = make_folder()
    whole = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    messages = []

    def attempt(load, **changes):
        (folder / "config.json").write_text(json.dumps(whole | changes), encoding="utf-8")
        messages.append(refusal(load, folder))

    for key in [*checked_encoder({}, "x"), "position_embedding_type", "_attn_implementation", "quantization_config"]:
        for value in ODD:
            attempt(GapReLMModel.from_pretrained, encoder=whole["encoder"] | {key: value})
    for key in MODEL_KEYS:
        for value in ODD:
            attempt(read_config, **{key: value})
    refused = [message for message in messages if message]
    assert len(refused) > 0.8 * len(messages)
    assert not [message for message in refused if "\x1b" in message or "\n  cure: " not in message]


@pytest.mark.parametrize(
    "encoder", [[], "bert", 3, {"hidden_size": 7}, {"pad_token_id": 73}, {"num_attention_heads": 5}]
)
def test_encoders_that_cannot_be(model_dir, encoder):
    whole = encoder_of(model_dir) | encoder if isinstance(encoder, dict) else encoder
    edit_json(model_dir / "config.json", encoder=whole)
    with pytest.raises(CheckpointError, match=r"config\.json: \w+: found .*; expected "):
        load_model(model_dir, "cpu")


class Trace:
    """A pickle that would leave a trace."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("transformers_weights", "other.safetensors"),
        ("transformers_weights", "x.safetensors.index.json"),
        ("quantization_config", {"quant_method": "bitsandbytes", "load_in_8bit": True}),
        ("attn_implementation", "evil/kernel"),
        ("_attn_implementation", "flash_attention_2"),
        ("auto_map", {"AutoModel": "modeling.Evil"}),
        ("configuration_files", ["config.4.0.0.json"]),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_transformers_cannot_be_talked_into_anything(model_dir, tmp_path, key, value, inside):
    trace = tmp_path / "trace"
    save_file({"x": torch.zeros(1)}, model_dir / "other.safetensors", metadata={"format": "pt"})
    torch.save(Trace(trace), model_dir / "shard.bin")
    index = {"metadata": {}, "weight_map": {"operation_head.weight": "shard.bin"}}
    (model_dir / "x.safetensors.index.json").write_text(json.dumps(index))
    (model_dir / "modeling.py").write_text(f"open({str(trace)!r}, 'w')")
    changes = {"encoder": encoder_of(model_dir) | {key: value}} if inside else {key: value}
    edit_json(model_dir / "config.json", **changes)
    for load in (load_model, load_trainable, GapReLMModel.from_pretrained):
        with pytest.raises(CheckpointError, match=f"{key}: found .*; expected "):
            load(model_dir)
    assert not trace.exists()


def test_other_files_are_not_read_in_place_of_the_weights(model_dir):
    (model_dir / WEIGHTS).rename(model_dir / "shard.safetensors")
    (model_dir / f"{WEIGHTS}.index.json").write_text('{"metadata": {}, "weight_map": {"x": "shard.safetensors"}}')
    torch.save({}, model_dir / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match=WEIGHTS):
        GapReLMModel.from_pretrained(model_dir)


def unknown_keys(folder):
    edit_json(folder / "config.json", of_a_later_version=[1], use_cache=False, id2label={"0": "\x1b]0;x\x07"})


def test_keys_that_are_not_known_change_nothing(make_folder):
    folder = make_folder()
    expected = load_model(folder, "cpu")[0].state_dict()
    unknown_keys(folder)
    model, _ = load_model(folder, "cpu")
    assert not hasattr(model.config, "of_a_later_version")
    assert all(torch.equal(weight, expected[name]) for name, weight in model.state_dict().items())


def test_whatever_the_bytes_of_the_weights_are(make_folder):
    """Cut, flipped, stuffed: an error of ours, or a model."""
    folder, chance = make_folder(), random.Random(1)
    content = (folder / WEIGHTS).read_bytes()
    length = 8 + int.from_bytes(content[:8], "little")
    for _ in range(20):
        changed = bytearray(content)
        for _ in range(chance.choice((1, 3, 30))):
            changed[chance.randrange(length)] = chance.randrange(256)
        changed = changed[: chance.choice((len(changed), chance.randrange(len(changed))))]
        (folder / WEIGHTS).write_bytes(changed)
        message = refusal(GapReLMModel.from_pretrained, folder)
        assert message is None or WEIGHTS in message


def header(**tensors):
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((1 << 40).to_bytes(8, "little") + b"{}", "a header of 1,099,511,627,776 bytes"),
        (header(x={"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}), "is damaged"),
        (header(x={"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}), r"weights differ.* missing, 1 unknown"),
        (
            header(x={"dtype": "I64", "shape": [0], "data_offsets": [0, 0]}),
            r"'x': found I64 \[0\]; expected one of F64",
        ),
        (header(x={"dtype": "U8", "shape": [0, 2], "data_offsets": [0, 0]}), r"'x': found U8 \[0, 2\]"),
    ],
)
def test_weights_that_are_others(model_dir, content, message):
    (model_dir / WEIGHTS).write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        load_model(model_dir, "cpu")


def test_large_claims_are_refused_at_once(make_folder):
    """Sparse files: they take no room on the disk, but would take hours to read."""
    most = largest_weights(read_config(make_folder()).encoder)
    claims = [(WEIGHTS, 1 << 42), ("config.json", 1 << 40), ("vocab.txt", 1 << 40), ("calibration.json", 1 << 40)]
    for name, size in claims:
        folder = make_folder()
        with (folder / name).open("ab") as file:
            file.truncate(size)
        start = time.monotonic()
        with pytest.raises(CheckpointError, match=rf"{name} has [\d,]+ bytes; expected at most"):
            Corrector.from_pretrained(folder, device="cpu")
        assert time.monotonic() - start < 5
    folder = make_folder()
    (folder / "vocab.txt").write_bytes(b"\n" * 4_000_000)
    with pytest.raises(CheckpointError, match="more than 262,144 tokens"):
        load_model(folder, "cpu")
    assert (folder / WEIGHTS).stat().st_size < most


def test_weights_that_are_tied_may_stand_twice_if_they_are_the_same(model_dir):
    weights = load_file(model_dir / WEIGHTS)
    rows = weights["encoder.embeddings.word_embeddings.weight"]
    name = "infiller_head.predictions.decoder.weight"
    save_file(weights | {name: rows.clone()}, model_dir / WEIGHTS)
    assert load_model(model_dir, "cpu")
    save_file(weights | {name: rows + 1}, model_dir / WEIGHTS)
    with pytest.raises(CheckpointError, match=r"decoder\.weight is not encoder.embeddings"):
        load_model(model_dir, "cpu")


def test_a_vocabulary_with_a_deep_file_beside_it(model_dir):
    (model_dir / "tokenizer_config.json").write_text("[" * 100_000)
    assert load_model(model_dir, "cpu")


def test_all_files_have_the_usual_mode(model_dir):
    usual = 0o666 & ~(current := os.umask(0o022))
    os.umask(current)
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in model_dir.iterdir()} == {
        path.name: oct(usual) for path in model_dir.iterdir()
    }


@pytest.mark.parametrize("name", [WEIGHTS, "counts.npz"])
def test_files_that_may_not_be_read_are_not_called_damaged(model_dir, monkeypatch, name):
    from pathlib import Path

    def refused(path, *args, **kwargs):
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    opened = Path.open
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(PermissionError, match=name):
        CountModel.load(model_dir / name) if name == "counts.npz" else load_model(model_dir, "cpu")


def stored(path, **changes):
    """Counts with some of their arrays changed."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    np.savez(path, **{name: value for name, value in (arrays | changes).items() if value is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"gaps.after": None},
        {"ngrams.words3": None},
        {"ngrams.words9": np.zeros(3, np.uint64)},
        {"ngrams.unigrams": np.zeros((2, 3), np.float32)},
        {"ngrams.rows2": np.zeros((4, 2), np.uint8)},
        {"ngrams.words2": np.zeros(0, np.uint64)},
        {"channel.log_odds": np.array(["x"])},
        {"characters": np.array("x")},
        {"characters": np.zeros(3)},
        {"gaps.anywhere": np.full(16, 60_000, np.uint16)},
        {f"x{i}": np.zeros(1) for i in range(40)},
    ],
)
def test_counts_that_do_not_fit(tmp_path, changes):
    path = tmp_path / "counts.npz"
    CountModel.build(TEXTS, ErrorCounts.from_pairs(PAIRS)).save(path)
    assert CountModel.load(path)
    stored(path, **changes)
    with pytest.raises(InputError, match="no counts"):
        CountModel.load(path)


def test_counts_that_claim_more_than_they_are(tmp_path):
    path = tmp_path / "counts.npz"
    np.savez_compressed(path, x=np.zeros(1_000_000, np.uint8))
    with pytest.raises(InputError, match="its arrays are packed, or larger than the file"):
        CountModel.load(path)
