"""ChERRANT's cost of substituting one character for another.

Cost = semantic / 6 + characters + class, summed in this order in double precision, because ties between equal sums
decide which alignments are written:

* semantic: from a thesaurus class of three parts. 4 if one character is in no class, 0 for the same class, else 2 for
  each part that differs.
* characters: 0 if they share a toneless reading or one is in the other's confusion set, else 0.5; always 0.5 unless
  both are in U+4E00..U+9FFF.
* class: 0 for two punctuation marks, 0.25 for two other characters, 0.499 for one of each.
"""

from __future__ import annotations

import string
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from gaprelm.edits.similarity import syllables
from gaprelm.scoring.cherrant.resources import Resources

# As in the tool, which has no full stop (U+3002), no 《 and no middle dot: they count as ordinary characters.
PUNCTUATION = frozenset(
    "！？｡＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘'‛“”„‟…‧﹏"
    + string.punctuation
)
_SEMANTIC = np.array([0, 2, 4, 6]) / 6.0
_SEMANTIC_UNKNOWN = 2  # the index of 4, the same as for two parts that differ
_CHARACTERS = np.array([0.0, 0.5])
_CLASS = np.array([0.0, 0.25, 0.499])
# No substitution costs less (similar characters of the same class). A lower bound would also be correct, but slower.
CHEAPEST = 0.25


class SubstitutionCosts:
    """Costs between the tokens of an inventory, as a table.

    The table holds small codes of costs, since millions of pairs have only few different costs.

    Args:
        inventory: all tokens that occur; their order gives their index.
        resources: thesaurus and confusion sets.
    """

    def __init__(self, inventory: Sequence[str], resources: Resources) -> None:
        self.values = (_SEMANTIC[:, None, None] + _CHARACTERS[:, None] + _CLASS).ravel()
        self.codes = self._codes(list(inventory), resources)

    def __call__(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """The costs of substituting the tokens with indices ``a`` by those with indices ``b``; *shape:* as ``a``."""
        return self.values[self.codes[a, b]]

    @staticmethod
    def _codes(inventory: list[str], resources: Resources) -> np.ndarray:
        """(tokens, tokens) indices into ``values``."""
        codes = _semantic_levels(inventory, resources.classes)
        codes *= len(_CHARACTERS)
        codes += ~_alike(inventory, resources.confusions)
        codes *= len(_CLASS)
        marks = np.array([token in PUNCTUATION for token in inventory], dtype=bool)
        codes += np.where(marks[:, None] == marks, np.where(marks, np.uint8(0), np.uint8(1)), np.uint8(2))
        return codes


def _semantic_levels(inventory: list[str], classes: Mapping[str, tuple[str, str, str]]) -> np.ndarray:
    """(tokens, tokens) indices into ``_SEMANTIC``."""
    levels = np.full((len(inventory), len(inventory)), _SEMANTIC_UNKNOWN, dtype=np.uint8)
    known = [index for index, token in enumerate(inventory) if token in classes]
    if known:
        inner = np.zeros((len(known), len(known)), dtype=np.uint8)
        for part in range(3):
            _, values = np.unique([classes[inventory[index]][part] for index in known], return_inverse=True)
            inner += values[:, None] != values
        levels[np.ix_(known, known)] = inner
    return levels


def _alike(inventory: list[str], confusions: Mapping[str, str]) -> np.ndarray:
    """(tokens, tokens) bool, whether two Chinese characters share a reading or are confused; symmetric."""
    alike = np.zeros((len(inventory), len(inventory)), dtype=bool)
    positions = {token: index for index, token in enumerate(inventory) if "\u4e00" <= token <= "\u9fff"}
    sounds = defaultdict(list)
    for token, index in positions.items():
        for syllable in syllables(token):
            sounds[syllable].append(index)
    for members in sounds.values():
        alike[np.ix_(members, members)] = True
    for token, index in positions.items():
        others = [positions[other] for other in confusions.get(token, "").split() if other in positions]
        alike[index, others] = True
        alike[others, index] = True
    return alike
