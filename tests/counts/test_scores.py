"""Scores of places are those of the whole text, counted in full."""

import numpy as np
import pytest

from gaprelm.counts.scores import Options

TEXT = "他再图书管看看书。我天去学校上课"


def log_probability(model, text):
    edge = np.ones(2, dtype=np.uint16)
    ids = np.concatenate([edge, model.alphabet.encode(text), edge])
    return float(model.ngrams.log_probability(ids[:-2], ids[1:-1], ids[2:]).sum())


def scores_of(model, *texts, most=5):
    return model.scores([model.alphabet.encode(text) for text in texts], most)


def test_replacements_are_those_of_the_changed_text(model):
    scores, before = scores_of(model, TEXT).replace, log_probability(model, TEXT)
    checked = 0
    for place, written in enumerate(model.alphabet.encode(TEXT)):
        for candidate, score in zip(scores.candidates[place], scores.scores[place], strict=True):
            if candidate:
                after = TEXT[:place] + model.alphabet.character(candidate) + TEXT[place + 1 :]
                row = model.channel.candidates[written].tolist()
                odds = float(model.channel.log_odds[written, row.index(candidate)])
                assert score == pytest.approx(log_probability(model, after) - before + odds, abs=1e-3)
                checked += 1
    assert checked > 3
    assert model.alphabet.character(scores.candidates[TEXT.index("管"), 0]) == "馆"
    assert (scores.scores[:, 1:] <= scores.scores[:, :-1]).all()


def test_deletions_are_those_of_the_changed_text(model):
    gains, before = scores_of(model, TEXT).delete, log_probability(model, TEXT)
    ids, gaps = model.alphabet.encode(TEXT), model.gaps
    for place, written in enumerate(ids):
        if TEXT[place] == "。" or TEXT[place : place + 2] == "看看":
            assert gains[place] == -np.inf
            continue
        repeats = place > 0 and written == ids[place - 1]
        prior = np.logaddexp(gaps.repeated[written], gaps.extra[written]) if repeats else gaps.extra[written]
        changed = log_probability(model, TEXT[:place] + TEXT[place + 1 :])
        assert gains[place] == pytest.approx(changed - before + prior, abs=1e-3)
    assert gains.argmax() == 6


def test_insertions_are_those_of_the_changed_text(model):
    scores, before = scores_of(model, TEXT).insert, log_probability(model, TEXT)
    assert len(scores.scores) == len(TEXT) + 1
    for gap in range(len(TEXT) + 1):
        assert len(set(scores.candidates[gap].tolist())) == 5
        for candidate, score in zip(scores.candidates[gap], scores.scores[gap], strict=True):
            changed = log_probability(model, TEXT[:gap] + model.alphabet.character(candidate) + TEXT[gap:])
            assert score == pytest.approx(changed - before + model.gaps.missing[candidate], abs=1e-3)
    assert model.alphabet.character(scores.candidates[TEXT.index("天"), 0]) == "今"


def test_texts_do_not_touch_each_other(model):
    texts = [TEXT, "", "书", "我再学校。"]
    together = scores_of(model, *texts)
    assert together.lengths.tolist() == [len(text) for text in texts]
    alone = [scores_of(model, text) for text in texts]
    for part, joined in zip(zip(*alone, strict=True), together, strict=True):
        if isinstance(joined, Options):
            for pieces, whole in zip(zip(*part, strict=True), joined, strict=True):
                np.testing.assert_array_equal(np.concatenate(pieces), whole)
        else:
            np.testing.assert_array_equal(np.concatenate([np.atleast_1d(piece) for piece in part]), joined)
    assert len(scores_of(model).replace.scores) == 0
