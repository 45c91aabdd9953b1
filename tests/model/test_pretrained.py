"""Pretrained encoders: whole, or an error that counts what is missing."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertForMaskedLM

from gaprelm.errors import CheckpointError, ConfigurationError
from gaprelm.model.initial import initial_bert
from gaprelm.model.modeling import tiny_bert
from gaprelm.model.vocabulary import SPECIAL_TOKENS
from tests.conftest import edit_json

TOKENS = [*SPECIAL_TOKENS, *"我再家看书在他去学校"]


@pytest.fixture(scope="module")
def bert():
    torch.manual_seed(3)
    return BertForMaskedLM(tiny_bert(len(TOKENS), layers=1, hidden_size=16, heads=2, max_seq_length=32))


@pytest.fixture
def folder(bert, tmp_path):
    bert.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(TOKENS) + "\n", encoding="utf-8")
    return tmp_path


def start(folder):
    return initial_bert(str(folder), 32, {}, 0.1, 1, [])[0]


def rename(folder, new_name):
    weights = load_file(folder / "model.safetensors")
    named = {new_name(name): weight.clone() for name, weight in weights.items() if new_name(name)}
    save_file(named, folder / "model.safetensors", metadata={"format": "pt"})


def test_a_bert_keeps_its_weights_and_its_dropout_is_the_configured(bert, folder):
    found = start(folder)
    assert all(torch.equal(weight, bert.state_dict()[name]) for name, weight in found.state_dict().items())
    assert (found.config.hidden_dropout_prob, found.config.attention_probs_dropout_prob) == (0.1, 0.0)


def test_pickled_weights_and_older_names_are_read(bert, folder):
    """Without ``bert.`` before the names; with gamma and beta, as weights from TensorFlow have them."""
    old = {
        name.removeprefix("bert.")
        .replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta"): weight
        for name, weight in bert.state_dict().items()
        if name.startswith("bert.")
    }
    (folder / "model.safetensors").unlink()
    torch.save(old, folder / "pytorch_model.bin")
    found = start(folder).bert.state_dict()
    assert all(torch.equal(weight, found[name]) for name, weight in bert.bert.state_dict().items())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda f: rename(f, lambda name: f"module.{name}"),
            r"model\.safetensors: 28 weights .* missing and 0 .*21 of",
        ),
        (lambda f: rename(f, lambda name: "query" not in name and name), r": 2 weights of a BERT missing"),
        (lambda f: edit_json(f / "config.json", num_hidden_layers=2), r": 16 weights .* missing .*layer\.1\."),
        (lambda f: edit_json(f / "config.json", hidden_size=32), r"0 weights .* missing and \d\d of another size"),
        (lambda f: edit_json(f / "config.json", intermediate_size=32), r"missing and 3 of another size"),
        (lambda f: (f / "model.safetensors").write_bytes(b"\1" * 99), r"model\.safetensors is damaged"),
    ],
)
def test_weights_that_do_not_fit_are_counted(folder, damage, message):
    damage(folder)
    with pytest.raises(CheckpointError, match=message):
        start(folder)


def test_a_missing_head_is_a_warning(folder, caplog):
    rename(folder, lambda name: name.startswith("bert.") and name)
    start(folder)
    assert "the head of the masked language model is not there (" in caplog.text


class Opened:
    """A pickle that would leave a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return open, (str(self.trace), "w")


def test_nothing_is_run_and_no_other_file_is_read(folder, tmp_path):
    """Neither a pickle, nor what config.json or a list of shards names."""
    torch.save({"bert.x": Opened(tmp_path / "trace")}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").rename(folder / "shard.safetensors")
    with pytest.raises(CheckpointError, match=r"pytorch_model\.bin is damaged \(Weights only load failed"):
        start(folder)
    (folder / "pytorch_model.bin").rename(folder / "shard.bin")
    index = {"metadata": {}, "weight_map": {"bert.x": "shard.bin"}}
    for name in ("model.safetensors.index.json", "pytorch_model.bin.index.json"):
        (folder / name).write_text(json.dumps(index))
    with pytest.raises(ConfigurationError, match=r"no model\.safetensors and no pytorch_model\.bin there"):
        start(folder)
    for name in ("shard.safetensors", "model.safetensors.index.json"):
        edit_json(folder / "config.json", transformers_weights=name)
        with pytest.raises(CheckpointError, match=r"transformers_weights: found .*; expected no such key"):
            start(folder)
    assert not (tmp_path / "trace").exists()
