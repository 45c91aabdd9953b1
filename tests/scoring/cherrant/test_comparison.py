"""Which edits count, and which reference is taken, by hand."""

import pytest

from gaprelm.edits.typed_edit import TypedEdit
from gaprelm.errors import ConfigurationError
from gaprelm.scoring.cherrant.comparison import ComparisonOptions, RunningChoice, SentenceCounts, by_category, compare
from gaprelm.scoring.counts import Counts

S = TypedEdit(1, 2, "S", "在")
OTHER_TEXT = TypedEdit(1, 2, "S", "再")
LONG = TypedEdit(1, 4, "W", "去 学 校")
MISSING = TypedEdit(3, 3, "M", "了")
NOOP = TypedEdit(-1, -1, "noop", "-NONE-")
NA = TypedEdit(-1, -1, "NA", "-NONE-")
UNKNOWN = TypedEdit(1, 2, "UNK", "-NONE-")


def counts(hypothesis, *references, **options):
    """(tp, fp, fn) of one sentence; each reference is an annotator's list of edits."""
    edits = [(number, edit) for number, reference in enumerate(references) for edit in reference]
    (chosen,) = compare([[(0, edit) for edit in hypothesis]], [edits], ComparisonOptions(**options))
    return chosen.counts.tp, chosen.counts.fp, chosen.counts.fn


@pytest.mark.parametrize(
    ("hypothesis", "references", "options", "expected"),
    [
        ([S], [[S]], {}, (1, 0, 0)),
        ([OTHER_TEXT], [[S]], {}, (0, 1, 1)),
        ([OTHER_TEXT], [[S]], {"unit": "ds"}, (1, 0, 0)),
        ([S._replace(type="W")], [[S]], {}, (1, 0, 0)),
        ([S._replace(type="W")], [[S]], {"unit": "cse"}, (0, 1, 1)),
        # blanks inside a correction do not count
        ([S._replace(correction="在 家")], [[S._replace(correction="在家")]], {}, (1, 0, 0)),
        # tokens: an insertion belongs to the token on its right
        ([S, MISSING], [[LONG]], {"unit": "dt"}, (2, 0, 1)),
        ([NOOP], [[S, MISSING]], {}, (0, 0, 2)),
        ([S], [[NOOP]], {}, (0, 1, 0)),
        ([], [[]], {}, (0, 0, 0)),
        # sizes are about source tokens alone
        ([S, LONG, MISSING], [[S, LONG, MISSING]], {"size": "single"}, (2, 0, 0)),
        ([S, LONG, MISSING], [[S, LONG, MISSING]], {"size": "multi"}, (1, 0, 0)),
        ([S, MISSING], [[S]], {"left_out": frozenset("M")}, (1, 0, 0)),
        # what nobody could correct counts for detection alone
        ([NOOP], [[UNKNOWN]], {}, (0, 0, 0)),
        ([NOOP], [[UNKNOWN]], {"unit": "ds"}, (0, 0, 1)),
        # a reference that is not annotatable: alone nothing counts, besides others it is an edit
        ([S], [[NA]], {}, (0, 0, 0)),
        ([OTHER_TEXT], [[NA], [S]], {}, (0, 1, 1)),
        ([NOOP], [[NA], [S]], {}, (0, 0, 0)),
        # alternative alignments of one annotator are pooled: the reference's multiplicity counts
        ([S], [[S, MISSING, S]], {}, (2, 0, 1)),
        ([S, S], [[S]], {}, (1, 0, 0)),
        ([OTHER_TEXT, OTHER_TEXT], [[S]], {}, (0, 2, 1)),
        ([S], [[MISSING], [S]], {}, (1, 0, 0)),
        ([S], [[MISSING], [S]], {"max_annotators": 1}, (0, 1, 1)),
    ],
)
def test_one_sentence(hypothesis, references, options, expected):
    assert counts(hypothesis, *references, **options) == expected


def test_only_sentences_with_so_many_references():
    references = [[(0, S)], [(0, S), (1, MISSING)]]
    chosen = compare([[(0, S)], [(0, S)]], references, ComparisonOptions(references=2))
    assert len(chosen) == 1


def candidate(tp, fp, fn, number=0):
    return SentenceCounts(Counts(tp, fp, fn), {}, 0, number)


def test_the_choice_depends_on_what_came_before():
    """By itself 1/1/0 has the higher F0.5 (0.56 against 0.5); after many misses the other one helps more."""
    options = [candidate(1, 1, 0, 0), candidate(2, 2, 2, 1)]
    assert RunningChoice(0.5).choose(options).reference == 0
    later = RunningChoice(0.5)
    later.choose([candidate(1, 9, 30)])
    assert later.choose(options).reference == 1
    assert later.total == Counts(3, 11, 32)


def test_the_choice_depends_on_beta():
    options = [candidate(1, 0, 3, 0), candidate(2, 3, 0, 1)]
    assert RunningChoice(0.5).choose(options).reference == 0
    assert RunningChoice(2.0).choose(options).reference == 1


def test_equal_f_prefers_more_right_then_fewer_wrong_then_the_earlier():
    assert RunningChoice(0.5).choose([candidate(1, 0, 0, 0), candidate(2, 0, 0, 1)]).reference == 1
    assert RunningChoice(0.5).choose([candidate(0, 2, 1, 0), candidate(0, 1, 1, 1)]).reference == 1
    assert RunningChoice(0.5).choose([candidate(1, 1, 1, 0), candidate(1, 1, 1, 1)]).reference == 0


def test_categories():
    totals = {"M": Counts(1, 2, 3), "S": Counts(1, 0, 0), "NA": Counts(0, 0, 1)}
    assert by_category(totals, 1)["N"] == Counts(0, 0, 1)
    assert by_category(totals, 2) == {"": Counts(2, 2, 4)}
    assert by_category(totals, 3) == totals


@pytest.mark.parametrize("options", [{"unit": "xy"}, {"size": "big"}, {"beta": 0.0}])
def test_bad_options(options):
    with pytest.raises(ConfigurationError, match="expected"):
        ComparisonOptions(**options)
