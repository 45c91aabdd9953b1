"""Templates: which tokens, at which positions, in which slots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaprelm.edits.alignment import align
from gaprelm.edits.labels import DELETE, KEEP, REPLACE, edits_to_labels
from gaprelm.edits.template import build_templates

PLAN = st.lists(st.sampled_from([KEEP, DELETE, REPLACE]), min_size=1, max_size=6).flatmap(
    lambda ops: st.tuples(st.just(ops), st.lists(st.integers(0, 3), min_size=len(ops) + 1, max_size=len(ops) + 1))
)


def by_hand(operations, counts, kind):
    """The definition, written as a loop: (position, slot, masked) of every token."""
    tokens = [(0, slot + 1, True) for slot in range(counts[0])]
    for place, (operation, count) in enumerate(zip(operations, counts[1:], strict=True), 1):
        if operation != DELETE:
            tokens.append((place, 0, operation == REPLACE or kind == "full"))
        tokens += [(place, slot + 1, True) for slot in range(count)]
    return [token for token in tokens if token[2]] if kind == "masks" else tokens


@given(st.lists(PLAN, min_size=1, max_size=4), st.sampled_from(["sparse", "full", "masks"]))
def test_batches_equal_the_definition(plans, kind):
    template = build_templates(
        np.concatenate([np.array(ops, dtype=np.int8) for ops, _ in plans]),
        np.concatenate([np.array(counts, dtype=np.int8) for _, counts in plans]),
        np.array([len(ops) for ops, _ in plans]),
        kind,
    )
    for row, (operations, counts) in enumerate(plans):
        chosen = template.rows == row
        tokens = zip(template.positions[chosen], template.slots[chosen], template.masked[chosen], strict=True)
        assert [(int(p), int(s), bool(m)) for p, s, m in tokens] == by_hand(operations, counts, kind)


@pytest.mark.parametrize("kind", ["sparse", "masks"])
def test_auxiliary_masks_are_marked_as_kept(kind):
    operations, counts = np.array([KEEP, REPLACE, KEEP], dtype=np.int8), np.zeros(4, dtype=np.int8)
    auxiliary = np.array([True, False, False])
    template = build_templates(operations, counts, np.array([3]), kind, auxiliary)
    assert template.positions[template.masked].tolist() == [1, 2]
    assert template.kept[template.masked].tolist() == [True, False]


@pytest.mark.parametrize(
    ("kind", "positions", "slots", "masked"),
    [
        ("sparse", [0, 1, 2, 3, 3, 3, 4, 5], [1, 0, 0, 0, 1, 2, 0, 0], "今-在-里边--"),
        ("full", [0, 1, 2, 3, 3, 3, 4, 5], [1, 0, 0, 0, 1, 2, 0, 0], "今我在家里边看书"),
        ("masks", [0, 2, 3, 3], [1, 0, 1, 2], "今在里边"),
    ],
)
def test_the_drawn_example(kind, positions, slots, masked):
    source, target = "我再家看书书", "今我在家里边看书"
    labels = edits_to_labels(len(source), align(source, target))
    assert labels.operations == [KEEP, REPLACE, KEEP, KEEP, KEEP, DELETE]
    assert labels.insert_counts == [1, 0, 0, 2, 0, 0, 0]
    assert labels.answers == ["今", "在", "里", "边"]
    template = build_templates(*map(np.array, labels[:2]), np.array([6]), kind)
    assert template.positions.tolist() == positions
    assert template.slots.tolist() == slots
    assert template.masked.tolist() == [character != "-" for character in masked]
