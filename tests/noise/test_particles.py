"""的 for 地 and the like: as often as people mistake them."""

from collections import Counter

import pytest

from gaprelm.edits.similarity import SAME_SOUND, dissimilarity
from gaprelm.noise.particles import MISTAKES, particle_rate
from tests.noise.test_corruption import TEXTS, corruptor, only

SENTENCE = "他的地在学校，她再做作业。"


def test_they_sound_alike():
    pairs = [(right, wrong) for right, others in MISTAKES.items() for wrong in others]
    assert all(dissimilarity(right, wrong) == SAME_SOUND and right != wrong for right, wrong in pairs)


def test_each_is_mistaken_at_its_rate():
    generator = corruptor(texts=[*TEXTS, SENTENCE], **only("particle"), max_errors=1)
    counts = Counter()
    for number in range(8000):
        source, edits, _ = generator.corrupt(SENTENCE, str(number))
        counts.update((edit.text, source[edit.start]) for edit in edits)
    total = sum(particle_rate(character) for character in SENTENCE)
    for right, others in MISTAKES.items():
        for wrong, rate in others.items():
            if right in SENTENCE:
                assert counts[right, wrong] / counts.total() == pytest.approx(rate / total, abs=0.015), (right, wrong)


def test_a_character_that_is_not_in_the_texts_is_never_written():
    generator = corruptor(texts=["他的书。"], **only("particle"), max_errors=1)
    assert {generator.corrupt("他的书。", str(number)).source for number in range(50)} == {"他的书。"}
