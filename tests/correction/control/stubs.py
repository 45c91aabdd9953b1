"""Proposers that are told what to say, or say much at random; they stand for a model."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence

from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import ProposedEdit

CHARACTERS = "我再在家的地看书学校，。"


class Whole:
    """Reads every text as one piece, however long."""

    def cut(self, text: str) -> list[str]:
        return [text]


class Scripted(Whole):
    """Says of a text what it is told to, and nothing of others; ``read`` lists what it was given, call by call."""

    def __init__(self, script: Mapping[str, Sequence[tuple[int, int, str, float]]], max_length: int = 100) -> None:
        self.max_length, self.read = max_length, []
        self._script = script

    def __call__(self, texts, batch_size=None, thresholds=None):
        self.read.append(list(texts))
        return [[ProposedEdit(Edit(*edit), sure) for *edit, sure in self._script.get(text, [])] for text in texts]


class Noisy(Whole):
    """Says much of every text, the same each time: of each gap and character something with some probability."""

    def __init__(self, seed: int = 0, share: float = 0.4, max_length: int = 12) -> None:
        self.max_length = max_length
        self._seed, self._share = seed, share

    def __call__(self, texts, batch_size=None, thresholds=None):
        return [self._proposals(text) for text in texts]

    def _proposals(self, text):
        assert len(text) <= self.max_length
        draw = random.Random(zlib.crc32(text.encode("utf-8", "surrogatepass")) + self._seed)
        proposals = []
        for slot in range(2 * len(text) + 1):
            if draw.random() > self._share:
                continue
            place, is_character = divmod(slot, 2)
            size = 1 if is_character else draw.randint(1, 2)
            new = "".join(draw.choice(CHARACTERS) for _ in range(size))
            if is_character and (draw.random() < 0.4 or new == text[place]):
                new = ""
            proposals.append(ProposedEdit(Edit(place, place + is_character, new), draw.random()))
        return proposals
