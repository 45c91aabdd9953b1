"""Labels and source give the target back: the identity that everything rests on."""

from hypothesis import given
from hypothesis import strategies as st

from gaprelm.edits.alignment import align
from gaprelm.edits.labels import (
    DELETE,
    EMPTY_SOURCE,
    KEEP,
    REPLACE,
    SOURCE_TOO_LONG,
    TEMPLATE_TOO_LONG,
    TOO_MANY_INSERTIONS,
    edits_to_labels,
    labels_to_target,
    reason_left_out,
)

TEXT = st.text(
    st.sampled_from("在再他她aB1９Ａ，。 \u3000😀👨‍👩‍👧\U00020000\U0002a6d6\n\t")
    | st.characters(exclude_categories=["Cs"]),
    max_size=40,
)


@given(TEXT, TEXT)
def test_labels_rebuild_the_target(source, target):
    edits = align(source, target)
    labels = edits_to_labels(len(source), edits)
    assert labels_to_target(source, labels) == target
    assert len(labels.operations) == len(source)
    assert len(labels.insert_counts) == len(source) + 1
    assert len(labels.answers) == sum(labels.insert_counts) + labels.operations.count(REPLACE)


def test_an_insertion_at_the_start_is_not_one_after_the_first_character():
    at_start = edits_to_labels(2, align("去吧", "我去吧"))
    after_first = edits_to_labels(2, align("去吧", "去我吧"))
    assert at_start.insert_counts == [1, 0, 0]
    assert after_first.insert_counts == [0, 1, 0]


def test_labels_of_each_type():
    labels = edits_to_labels(6, align("我再家看书书", "我在家里看书"))
    assert labels.operations == [KEEP, REPLACE, KEEP, KEEP, KEEP, DELETE]
    assert labels.insert_counts == [0, 0, 0, 1, 0, 0, 0]
    assert labels.answers == ["在", "里"]


def test_pairs_that_do_not_fit_are_named_not_clipped():
    def reason(source, target, insertions=2, length=8):
        return reason_left_out(edits_to_labels(len(source), align(source, target)), insertions, length)

    assert reason("我去学校", "我去学校") is None
    assert reason("我学校", "我要快去学校") == TOO_MANY_INSERTIONS
    assert reason("我去学校上课", "我去学校上课") is None  # [CLS] + 6 + [SEP] = 8
    assert reason("我去学校上课了", "我去学校上课") == SOURCE_TOO_LONG
    assert reason("我去学校上", "我要去学校上课了") == TEMPLATE_TOO_LONG
    assert reason("", "我") == EMPTY_SOURCE
