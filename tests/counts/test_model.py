"""The model as a file."""

import numpy as np
import pytest

from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel, CountSettings
from gaprelm.errors import InputError
from tests.counts.conftest import PAIRS, TEXTS


def test_a_saved_model_is_the_same(model, tmp_path):
    model.save(tmp_path / "a.npz")
    again = CountModel.load(tmp_path / "a.npz")
    again.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    texts = [model.alphabet.encode("他再图书管看书")]
    np.testing.assert_array_equal(model.scores(texts).replace.scores, again.scores(texts).replace.scores)
    assert model.size == again.size > 0


def test_texts_without_an_end_are_closed():
    open_ended = CountModel.build([text.rstrip("。？") for text in TEXTS], ErrorCounts.from_pairs(PAIRS))
    ids = [np.array([i]) for i in open_ended.alphabet.encode("馆学。")]
    assert open_ended.ngrams.log_probability(*ids[1:]) < open_ended.ngrams.log_probability(
        *[np.array([i]) for i in open_ended.alphabet.encode("习。")]
    )


def test_rare_ngrams_are_left_out(model):
    small = CountModel.build(TEXTS, ErrorCounts(), settings=CountSettings(order=2, least=(4, 4)))
    assert small.ngrams.order == 2
    assert small.size < model.size


@pytest.mark.parametrize("content", [b"", b"no counts", "half"])
def test_a_file_of_something_else_is_refused(model, tmp_path, content):
    path = tmp_path / "counts.npz"
    model.save(path)
    path.write_bytes(path.read_bytes()[:2000] if content == "half" else content)
    with pytest.raises(InputError, match="cure: count again"):
        CountModel.load(path)


def test_a_file_of_another_format_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", format=np.array("another"))
    with pytest.raises(InputError, match="format 'another'; expected 'gaprelm counts 1'"):
        CountModel.load(tmp_path / "other.npz")


@pytest.mark.parametrize("order", [2, 3, 4])
def test_a_text_in_which_nothing_comes_twice_is_enough(order):
    model = CountModel.build(["他去学校。"], ErrorCounts(), settings=CountSettings(order=order))
    scores = model.scores([model.alphabet.encode("他去学校。")])
    assert np.isfinite(scores.insert.scores[:, 0]).all()
