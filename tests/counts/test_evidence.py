"""The parts of the scores: together they are the scores."""

import numpy as np
import pytest

from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.evidence import DELETE_PARTS, INSERT_PARTS, REPLACE_PARTS, SCALE
from gaprelm.counts.model import CountModel, CountSettings
from tests.counts.conftest import PAIRS, TEXTS

WRITTEN = ["他再学校看书。", "我天去学校。", "他看看书。", "请把门关关上。", "龘"]


@pytest.fixture(scope="module", params=[2, 3, 4])
def scored(request):
    """Scores and evidence of models of all lengths of n-grams, and the length."""
    model = CountModel.build(TEXTS, ErrorCounts.from_pairs(PAIRS), settings=CountSettings(order=request.param))
    texts = [model.alphabet.encode(text) for text in WRITTEN]
    scores = model.scores(texts, 4)
    return scores, model.evidence(texts, scores), request.param


def test_replacements(scored):
    scores, evidence, order = scored
    parts = evidence.replace * SCALE
    assert parts.shape == (*scores.replace.candidates.shape, REPLACE_PARTS)
    known = np.isfinite(scores.replace.scores)
    assert known.any()
    np.testing.assert_allclose(parts[known][:, 0], scores.replace.scores[known], rtol=1e-4)
    of_candidate, of_written = parts[..., 4 : 4 + 2 * order : 2], parts[..., 5 : 4 + 2 * order : 2]
    together = parts[..., 1] + (of_candidate - of_written).sum(-1)
    np.testing.assert_allclose(together[known], scores.replace.scores[known], atol=2e-3)


def test_deletions(scored):
    scores, evidence, order = scored
    parts = evidence.delete * SCALE
    assert parts.shape == (len(scores.delete), DELETE_PARTS)
    # A character that repeats the one before was written twice or put in, which one part alone does not tell.
    some = np.isfinite(scores.delete) & (evidence.delete[:, -(2 * order)] == 0)
    assert some.any()
    together = parts[:, 1] - parts[:, 2 : 2 + order].sum(-1) + parts[:, 2 + order : 1 + 2 * order].sum(-1)
    np.testing.assert_allclose(together[some], scores.delete[some], atol=2e-3)


def test_insertions(scored):
    scores, evidence, order = scored
    parts = evidence.insert * SCALE
    assert parts.shape == (*scores.insert.candidates.shape, INSERT_PARTS)
    known = np.isfinite(scores.insert.scores)
    assert known.any()
    with_it, without = parts[..., 3 : 3 + order], parts[..., 3 + order : 2 + 2 * order]
    together = parts[..., 1] + with_it.sum(-1) - without.sum(-1)
    np.testing.assert_allclose(together[known], scores.insert.scores[known], atol=2e-3)


def test_lengths_of_the_ngrams(scored):
    _, evidence, order = scored
    lengths = evidence.replace[..., -2 * order :]
    assert set(np.unique(lengths)) <= set(range(order))
    assert lengths.max() == order - 1
