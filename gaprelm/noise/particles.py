"""The characters that people confuse most: 的 地 得, 他 她 它, 在 再, 做 作. Those of a group sound alike."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from types import MappingProxyType

from gaprelm.noise.choices import Choices
from gaprelm.noise.kinds import Change, Kind

# For each correct character what learners write for it, in mistakes per 1,000 occurrences, rounded (counted in the
# training sets of SIGHAN 2013 to 2015).
MISTAKES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "的": {"得": 14, "地": 3},
        "地": {"的": 270, "得": 60},
        "得": {"的": 110, "地": 6},
        "他": {"她": 15, "它": 4},
        "她": {"他": 160, "它": 1},
        "它": {"他": 16},
        "在": {"再": 26},
        "再": {"在": 340},
        "做": {"作": 110},
        "作": {"做": 24},
    }
)


_RATES = {character: sum(written.values()) for character, written in MISTAKES.items()}


def particle_rate(character: str) -> float:
    """How often one of these characters is mistaken, in proportion to the others; 0 for every other one."""
    return _RATES.get(character, 0)


def particle_kind(characters: Container[str]) -> Kind:
    """Replaces one of these characters by another of its group, if that one is among ``characters``."""
    known = {
        right: Choices({wrong: count for wrong, count in written.items() if wrong in characters})
        for right, written in MISTAKES.items()
    }

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        candidates = known.get(sentence[place])
        return Change(place, place + 1, candidates.choose(draw())) if candidates else None

    return change
