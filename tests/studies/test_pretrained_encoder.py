"""The small pretrained encoder: it learns, and an experiment can start from it."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertForMaskedLM

from gaprelm.errors import InputError
from gaprelm.model.initial import initial_bert
from gaprelm.studies.pretrained_encoder import batches, main
from tests.conftest import SENTENCES

SMALL = ("--layers", "1", "--hidden-size", "32", "--heads", "2")


@pytest.fixture
def texts(tmp_path) -> Path:
    path = tmp_path / "texts.txt"
    # The first of the sorted sentences is held out, so it stands there twice.
    path.write_text("".join(f"{text}\n" for text in [*SENTENCES, f"一{min(SENTENCES)}"]), encoding="utf-8")
    return path


def loss_after(steps, texts, output, capsys):
    main([str(texts), "-o", str(output), "--steps", str(steps), *SMALL])
    printed = capsys.readouterr().out
    return float(re.search(r"held-out sentences: loss ([\d.]+), [\d.]+% of the masks right", printed)[1])


def test_training_lowers_the_loss(texts, tmp_path, capsys):
    losses = [loss_after(steps, texts, tmp_path / str(steps), capsys) for steps in (0, 60)]
    assert losses[1] < losses[0] - 0.5


def test_an_experiment_starts_from_it(texts, tmp_path, capsys):
    loss_after(1, texts, tmp_path / "encoder", capsys)
    saved = BertForMaskedLM.from_pretrained(tmp_path / "encoder")
    bert, vocabulary = initial_bert(str(tmp_path / "encoder"), 32, {}, 0.0, 1, SENTENCES)
    assert set("".join(SENTENCES)) <= set(vocabulary.tokens)
    torch.testing.assert_close(
        bert.bert.encoder.layer[0].output.dense.weight, saved.bert.encoder.layer[0].output.dense.weight
    )


def test_so_many_batches():
    rows = [np.zeros(5)] * 100
    assert len(list(batches(rows, 7))) == 7


def test_too_little_text_is_refused(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("我在家。\n" + "长" * 63 + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="found 1 sentences of 1 to 62 characters"):
        main([str(path), "-o", str(tmp_path / "encoder")])
