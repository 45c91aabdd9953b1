"""The cost of taking one character for another, by hand from the definition."""

import numpy as np
import pytest

from gaprelm.errors import InputError
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.scoring.cherrant.substitution import CHEAPEST, SubstitutionCosts

PAIRS = [
    # one of both unknown to the thesaurus (4/6); same sound
    ("的", "地", 4 / 6 + 0 + 0.25),
    # same class, same sound
    ("他", "她", 0 + 0 + 0.25),
    # classes Aa03 and Aa02 differ in one part; other sounds
    ("他", "我", 2 / 6 + 0.5 + 0.25),
    # Kb01 and Ka06 differ in two parts; same sound
    ("在", "再", 4 / 6 + 0 + 0.25),
    # Bi07 and Kd05 differ in all
    ("狗", "了", 6 / 6.0 + 0.5 + 0.25),
    # confusion sets, both ways
    ("人", "入", 4 / 6 + 0 + 0.25),
    ("入", "人", 4 / 6 + 0 + 0.25),
    # punctuation; the full stop is not in the list
    ("，", "、", 4 / 6 + 0.5 + 0.0),
    ("。", "，", 4 / 6 + 0.5 + 0.499),
    ("a", "b", 4 / 6 + 0.5 + 0.25),
    # outside U+4E00..U+9FFF sound does not count
    ("㐀", "丘", 4 / 6 + 0.5 + 0.25),
]


@pytest.mark.parametrize(("a", "b", "expected"), PAIRS)
def test_by_hand(resources, a, b, expected):
    costs = SubstitutionCosts([a, b], resources)
    assert costs(np.array([0]), np.array([1]))[0] == expected
    assert costs(np.array([1]), np.array([0]))[0] == expected


def test_nothing_is_cheaper_than_the_bound(resources):
    inventory = sorted({c for a, b, _ in PAIRS for c in (a, b)})
    costs = SubstitutionCosts(inventory, resources)
    different = ~np.eye(len(inventory), dtype=bool)
    assert costs.values[costs.codes][different].min() >= CHEAPEST


def test_without_resources_readings_are_left():
    costs = SubstitutionCosts(["他", "她", "我"], Resources())
    assert costs(np.array([0, 0]), np.array([1, 2])).tolist() == [4 / 6 + 0.25, 4 / 6 + 0.5 + 0.25]
    assert Resources().name == "none"


def test_resources_are_checked(resource_dir):
    (resource_dir / "cilin_char_class.tsv").write_text("他\tA\ta\t03\n她 A a 03\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"cilin_char_class.tsv:2: found '她 A a 03'; expected character TAB"):
        Resources.from_directory(resource_dir)
    (resource_dir / "confusion_dict.txt").unlink()
    with pytest.raises(InputError, match=r"confusion_dict.txt: no such file\n  cure: fetch both with: gaprelm"):
        Resources.from_directory(resource_dir)
