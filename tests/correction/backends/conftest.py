"""Batches for a backend."""

from __future__ import annotations

import numpy as np
import pytest

from gaprelm.correction.backends.interface import SourceBatch
from gaprelm.edits.template import build_templates
from gaprelm.model.inputs import source_half, template_half
from tests.conftest import SENTENCES

TEXTS = [*SENTENCES, "我", "今天，天气很好😀"]


@pytest.fixture
def make_batch():
    """A function: vocabulary, kind of template, seed → source, rows with a template, their template half."""

    def make(vocabulary, kind, seed=0, texts=TEXTS):
        random = np.random.default_rng(seed)
        lengths = np.array([len(text) for text in texts])
        half = source_half(vocabulary, np.array([i for text in texts for i in vocabulary.encode(text)]), lengths)
        rows = np.sort(random.choice(len(texts), size=max(1, len(texts) - 3), replace=False))
        chosen = lengths[rows]
        operations = random.choice(3, size=chosen.sum(), p=(0.6, 0.2, 0.2))
        counts = np.where(random.random((chosen + 1).sum()) < 0.2, random.integers(1, 4, (chosen + 1).sum()), 0)
        counts[0] = 2  # one mask at least
        template = build_templates(operations, counts, chosen, kind)
        source = SourceBatch(half["source_ids"], half["source_mask"])
        return source, rows, template_half(vocabulary, template, kind, source.ids[rows], chosen)

    return make
