"""The spelling tasks by hand: official definitions and those of papers."""

import math

import pytest

from gaprelm.errors import InputError
from gaprelm.scoring.spelling.rates import Confusion, rounded
from gaprelm.scoring.spelling.score import (
    SpellingItem,
    character_level,
    pycorrector_level,
    sentence_level,
    spelling_items,
)
from gaprelm.scoring.spelling.sighan import sighan_2013_correction, sighan_2013_detection, sighan_2015
from gaprelm.scoring.spelling.sighan_files import paired, read_corrections, task_of_2013


def table(tmp_path, name, text, **options):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path, read_corrections(path, **options)


TRUTH = "a, 3, 直, 5, 生\nb, 3, 直, 5, 生\nc, 2, 在\nd, 0\ne, 0\n"


def test_2015(tmp_path):
    truth = table(tmp_path, "truth.txt", TRUTH)
    result = table(
        tmp_path,
        "result.txt",
        # exchanged characters count as right; one place of two is a miss, not a false positive; no pair is no error
        "a,5 ,直, 3,生\nb, 3, 直\n\nc, 2, 再, 2, 在\nd, 5\ne, 1, 我\n",
    )
    score = sighan_2015(*paired(*truth, *result))
    assert score.false_positive_rate == 0.5
    assert score.detection.precision == 2 / 3
    assert score.detection.recall == 2 / 3
    assert score.correction.accuracy == 3 / 5
    assert list(score.rows) == [(1, 0, 0), (0, 0, 1), (1, 0, 0), (0, 0, 0), (0, 1, 0)]
    wrong_character = table(tmp_path, "result.txt", "a, 3, 直, 5, 我\nb, 0\nc, 0\nd, 0\ne, 0\n")
    score = sighan_2015(*paired(*truth, *wrong_character))
    assert (score.detection.recall, score.correction.recall) == (1 / 3, 0.0)
    assert math.isnan(score.correction.precision)
    assert score.as_dict()["correction"] == {"accuracy": 0.4, "precision": None, "recall": 0.0, "f1": None}


def test_2013_where(tmp_path):
    path, truth = table(tmp_path, "truth.txt", "1, 3, 5\n2, 4,\n3, 0\n4, 0\n5, 7\n", places_only=True, trim_lines=True)
    assert task_of_2013(path) == 1
    result = table(tmp_path, "result.txt", "1, 5, 3\n2, 5\n3, 0\n4, 2\n5, 0\n", places_only=True)
    score = sighan_2013_detection(*paired(path, truth, *result))
    assert score.false_positive_rate == 0.5
    assert score.detection.as_dict() == {"accuracy": 0.6, "precision": 0.6667, "recall": 0.6667, "f1": 0.6667}
    assert score.location.as_dict() == {"accuracy": 0.4, "precision": 0.3333, "recall": 0.3333, "f1": 0.3333}


def test_2013_what(tmp_path):
    path, truth = table(tmp_path, "truth.txt", "1, 3, 直\n2, 4, 生\n3, 2, 在\n")
    assert task_of_2013(path) == 2
    result = table(tmp_path, "result.txt", "1, 3, 直\n2, 4, 我\n3, 0\n")
    score = sighan_2013_correction(*paired(path, truth, *result, missing_is_empty=True))
    assert score.as_dict()["location"] == {"accuracy": 0.6667}
    assert score.as_dict()["correction"] == {"accuracy": 0.3333, "precision": 0.5}


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (
            "a, 0\nb, 0\nc, 0\nd, 0\n",
            r"no line for id 'e' \(.*truth.txt:5\) \(4 results, 5 truths\)\n  cure: add it \('e, 0'",
        ),
        ("a, 0\nb, 0\nc, 0\nd, 0\ne, 0\nx, 0\n", r"result.txt:6: id 'x' is not in"),
        ("a, drei, 直\n", r"result.txt:1: found 'drei' as a position; expected a number from 1"),
    ],
)
def test_files_that_do_not_fit(tmp_path, result, message):
    truth = table(tmp_path, "truth.txt", TRUTH)
    with pytest.raises(InputError, match=message):
        paired(*truth, *table(tmp_path, "result.txt", result))


def test_rounding_is_half_up():
    assert rounded(0.03125) == 0.0313
    assert rounded(2 / 3) == 0.6667
    assert rounded(math.nan) is None
    assert Confusion(tp=1, fn=1).false_positive_rate != Confusion(tp=1, fn=1).false_positive_rate  # NaN


SENTENCES = [  # source, hypothesis, references
    ("我再家", "我在家", ["我在家"]),  # corrected
    ("天气泠", "天气令", ["天气冷"]),  # found, not corrected
    ("他再家", "她再家", ["他在家"]),  # changed at another place
    ("下雨聊", "下雨聊", ["下雨了"]),  # missed
    ("我在家", "我在家", ["没有错误"]),  # left alone
    ("去学校", "去学笑", ["去学校"]),  # over-corrected
]


def test_sentence_level():
    score = sentence_level(spelling_items(*zip(*SENTENCES, strict=True)))
    assert (score.sentences, score.wrong, score.changed) == (6, 4, 4)
    assert score.false_positive_rate == 0.5
    assert score.detection.as_dict() == {"accuracy": 0.5, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert score.correction.as_dict() == {"accuracy": 0.3333, "precision": 0.25, "recall": 0.25, "f1": 0.25}
    assert sum(row[1] for row in score.rows) == 3


def test_character_level():
    score = character_level(spelling_items(*zip(*SENTENCES, strict=True)))
    assert score.detection.as_dict() == {"accuracy": 0.7778, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert score.correction.as_dict() == {"accuracy": 0.7222, "precision": 0.25, "recall": 0.25, "f1": 0.25}


def test_insertions_and_deletions_are_places_too():
    items = spelling_items(["我家", "我在在家"], ["我在家", "我在家"], [["我在家"], ["我在在家"]])
    assert sentence_level(items).correction.precision == 0.5
    score = character_level(items)
    assert (score.correction.precision, score.correction.recall) == (0.5, 1.0)
    # 2 characters and a gap, 4 characters: all but the one that was deleted
    assert score.correction.accuracy == pytest.approx(6 / 7)


def test_several_references():
    items = spelling_items(["我在家"], ["我在家里"], [["我在家", "我在家里"]])
    assert sentence_level(items).wrong == 0
    assert sentence_level(items).correction.accuracy == 1.0
    with pytest.raises(ValueError, match="no reference"):
        spelling_items(["我"], ["我"], [[]])


def test_pycorrector_forgives_wrong_corrections_of_wrong_sentences():
    """By hand: one found, one changed into something else, one missed, one false alarm, one left alone."""
    sources = ["我再家", "天气泠", "他门好", "今天好", "明天见"]
    hypotheses = ["我在家", "天气令", "他门好", "金天好", "明天见"]
    references = [["我在家"], ["天气冷"], ["他们好"], ["今天好"], ["明天见"]]
    items = spelling_items(sources, hypotheses, references)
    score = pycorrector_level(items)
    assert score.as_dict() == {
        "false_positive_rate": 0.5,
        "correction": {"accuracy": 0.4, "precision": 0.5, "recall": 0.3333, "f1": 0.4},
        "sentences": 5,
        "signature": score.signature,
    }
    assert sentence_level(items).correction.precision == pytest.approx(1 / 3)
    # Texts of other lengths are compared as a whole too.
    assert pycorrector_level(spelling_items(["我家"], ["我在家"], [["我在家"]])).correction.f1 == 1.0


def test_pycorrector_gives_zero_where_nothing_was_found():
    nothing = pycorrector_level(spelling_items(["他门好", "你好"], ["他门好", "你好"], [["他们好"], ["你好"]]))
    assert (nothing.correction.precision, nothing.correction.recall, nothing.correction.f1) == (0.0, 0.0, 0.0)
    assert nothing.correction.accuracy == 0.5


def test_without_texts_character_accuracy_is_not_known():
    score = character_level([SpellingItem({3: "直"}, [{3: "直"}])])
    assert math.isnan(score.correction.accuracy)
    assert score.correction.f1 == 1.0


def test_how_lines_are_cut(tmp_path):
    """As the scorers do: an empty field at the end does not count, a blank one does; U+3000 is a character."""
    text = "a, 3, 生,\nb, 3, 生, \nc, 3, \u3000\nd\r\ne, 03, 生\n"
    _, lines = table(tmp_path, "x.txt", text)
    assert [line.corrections for line in lines] == [{3: "生"}, {}, {3: "\u3000"}, {}, {3: "生"}]
    _, lines = table(tmp_path, "x.txt", "b, 3, 生, \n", trim_lines=True)
    assert lines[0].corrections == {3: "生"}


def test_2013_passes_over_sentences_without_errors(tmp_path):
    truth = table(tmp_path, "truth.txt", "a, 3, 生\nb\nc, 0\n")
    result = table(tmp_path, "result.txt", "a, 3, 生\nc, 4, 它\n")
    score = sighan_2013_correction(*paired(*truth, *result, missing_is_empty=True))
    assert (score.sentences, score.correction_accuracy, score.correction_precision) == (1, 1.0, 0.5)


def test_a_truth_that_is_for_neither_task_is_named(tmp_path):
    path, _ = table(tmp_path, "truth.txt", "a, 3, 5\nb, 0\nc, 2, O\n")
    with pytest.raises(InputError, match=r"truth.txt:1: found positions alone, but other lines have characters"):
        task_of_2013(path)


def test_markers_are_not_texts():
    items = spelling_items(["我再家", "他好", "不知"], ["没有错误", "他好", "知"], [["我在家"], ["他好"], ["无法标注"]])
    assert [bool(item.proposed) for item in items] == [False, False]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("A1, 3, 家, ", "result.txt:1: this line is read as 'no error', but is not 'ID, 0'"),
        ("A1", "result.txt:1: this line is read as 'no error'"),
        ("A1, 3, 家, 0", "result.txt:1: this line is read as 'no error'"),
        ("A1, 0, 家", "result.txt:1: this line has 0 as a place"),
        ("A1, 3, , 5, 家", "result.txt:1: this line has a place without a character"),
        ("A1, 3, 家\nA1, 0", "result.txt:2: this line has an id that came before"),
        ("A1\nA2\nA3", "result.txt:1: this line (and 2 more lines) is read as 'no error'"),
        ("A1, 3, 家", None),
        ("A1, 3, 家,", None),
        ("A1, 0", None),
    ],
)
def test_lines_that_nobody_means_are_told(tmp_path, caplog, line, message):
    """They are read as the official scorers read them, but not without a word."""
    (tmp_path / "result.txt").write_text(f"{line}\n", encoding="utf-8")
    read_corrections(tmp_path / "result.txt")
    assert message in caplog.text if message else not caplog.text
