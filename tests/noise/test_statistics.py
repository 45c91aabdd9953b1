"""Statistics of real errors: counted, written, followed."""

import json
from collections import Counter

import pytest

from gaprelm.errors import InputError
from gaprelm.noise.plan import TruncatedPoisson
from gaprelm.noise.statistics import FIRST_FORMAT, FORMAT, NoiseStatistics, fit
from tests.noise.test_corruption import LONG, TEXTS, WITH_PUNCTUATION, corruptor

PAIRS = [
    ("我再家看书", ["我在家看书"]),
    ("我再再家", ["我在在家"]),
    ("他去校", ["他去学校"]),
    ("他去去学校", ["他去学校"]),
    ("他去了学校", ["他去学校"]),
    ("他学去校", ["他去学校"]),
    ("我爱a", ["我爱b"]),
    ("我用地，在学再", ["我在家用的。在学校"]),
    ("他说。。好,", ["他说。好，他"]),
    ("没有错", ["没有错"]),
    ("没有参考", []),
]


def test_counts():
    statistics = fit(PAIRS)
    assert statistics.sentences == 10
    assert statistics.with_error == 8
    errors = {"wrong": 4, "missing": 3, "repeated": 1, "context": 1, "swapped": 1, "punctuation": 3}
    assert statistics.errors == errors
    assert statistics.wrong == {"在": {"再": 3}, "的": {"地": 1}, "校": {"再": 1}}
    assert statistics.missing == {"学": 1, "在": 1, "家": 1, "他": 1}
    assert statistics.repeated == {"去": 1}
    assert statistics.context == {"了": 1}
    assert statistics.swapped == {"去": 1}
    assert statistics.punctuation == {"。": {"，": 1, "。。": 1}, "，": {",": 1}}
    # 再再 is a run; 在家 is missing in one gap.
    assert statistics.runs == {"wrong": {1: 3, 2: 1}, "missing": {1: 2, 2: 1}, "repeated": {1: 1}, "context": {1: 1}}
    # 地，; and what is missing after the comma.
    assert statistics.touching == 2
    assert statistics.occurrences["去"] == 4
    assert statistics.numbers == {0: {1: 6, 3: 1, 4: 1}}
    assert statistics.clean_share == pytest.approx(0.2)
    assert statistics.touching_share == pytest.approx(2 / 5)


def test_writing_and_reading(tmp_path):
    path = tmp_path / "s.json"
    statistics = fit(PAIRS)
    statistics.write(path)
    assert NoiseStatistics.read(path) == statistics


def test_statistics_of_the_first_form_are_read(tmp_path):
    """As gaprelm noise fit of 0.1.0 wrote them: each character is an error."""
    first = {
        "format": FIRST_FORMAT,
        "sentences": 5,
        "with_error": 4,
        "wrong": {"我": {"你": 2}},
        "numbers": {"0": {"1": 4}},
    }
    first |= {
        "occurrences": {"我": 9},
        "missing": {"他": 1},
        "repeated": {"在": 1},
        "context": {"了": 1},
        "swapped": {"去": 1},
    }
    path = tmp_path / "s.json"
    path.write_text(json.dumps(first), encoding="utf-8")
    statistics = NoiseStatistics.read(path)
    assert statistics.errors == {"wrong": 2, "missing": 1, "repeated": 1, "context": 1, "swapped": 1, "punctuation": 0}
    assert all(set(lengths) == {1} for lengths in statistics.runs.values())
    assert statistics.touching_share == 0
    generator = corruptor(texts=[*TEXTS, LONG], statistics=str(path))
    assert {kind for i in range(200) for kind in generator.corrupt(LONG, str(i)).kinds} >= {
        "wrong",
        "missing",
        "swapped",
    }


GOOD = {"format": FORMAT, "sentences": 1, "with_error": 1, "wrong": {"我": {"你": 1}}, "numbers": {"0": {"1": 1}}}
GOOD |= {name: {} for name in ("occurrences", "missing", "repeated", "context", "swapped", "punctuation", "runs")}
GOOD |= {"touching": 0}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "format None; expected 'gaprelm noise statistics 2' or 'gaprelm noise statistics 1'"),
        ('{"format": "gaprelm noise statistics 1"}', "not statistics of errors (KeyError('missing'))"),
        ('{"format": "gaprelm noise statistics 2"}', "not statistics of errors (KeyError('sentences'))"),
        ("no", "is not JSON"),
        (json.dumps(GOOD | {"occurrences": {"我": "x"}}), "count 'x'"),
        (json.dumps(GOOD | {"missing": {"我": -1}}), "count -1"),
        ("[]", "not statistics of errors"),
    ],
)
def test_another_file_is_refused(tmp_path, content, message):
    path = tmp_path / "s.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        NoiseStatistics.read(path)
    assert message in str(caught.value)


def test_generated_errors_follow_statistics(tmp_path):
    """Errors fitted on generated ones come out with the same kinds, runs and numbers, and as many clean sentences."""
    first = corruptor(**{**WITH_PUNCTUATION, "touching": 0.2}, characters_per_error=15, clean_share=0.3)
    statistics = fit((first.corrupt(LONG, str(i)).source, [LONG]) for i in range(2000))
    statistics.write(tmp_path / "s.json")
    second = corruptor(texts=[*TEXTS, *[LONG] * 500], statistics=str(tmp_path / "s.json"), clean_share=None)
    again = fit((second.corrupt(LONG, str(i)).source, [LONG]) for i in range(2000))
    for kind, count in again.errors.items():
        share = statistics.errors[kind] / sum(statistics.errors.values())
        assert count / sum(again.errors.values()) == pytest.approx(share, abs=0.02), kind
    mean = sum(statistics.errors.values()) / statistics.with_error
    assert sum(again.errors.values()) / again.with_error == pytest.approx(mean, abs=0.15)
    assert statistics.clean_share == pytest.approx(0.3, abs=0.04)
    assert again.clean_share == pytest.approx(statistics.clean_share, abs=0.04)
    assert again.touching_share == pytest.approx(statistics.touching_share, abs=0.05)
    assert statistics.touching_share > 0.05
    for kind in ("wrong", "missing", "repeated", "context"):
        assert mean_length(again.runs[kind]) == pytest.approx(mean_length(statistics.runs[kind]), abs=0.15), kind
        # Few characters of these texts sound alike.
        assert mean_length(statistics.runs[kind]) > (1.03 if kind == "wrong" else 1.2)


def mean_length(lengths):
    return sum(length * count for length, count in lengths.items()) / lengths.total()


def test_errors_befall_the_characters_of_the_statistics(tmp_path):
    """的 is wrong ten times as often as other characters, and then 地 is written, or now and then its sound."""
    sentence = "我的书是他的书" * 3
    pairs = [(sentence.replace("的", "地", 1), [sentence])] * 300 + [(sentence.replace("是", "事", 1), [sentence])] * 15
    fit(pairs).write(tmp_path / "s.json")
    generator = corruptor(texts=[*TEXTS, sentence], statistics=str(tmp_path / "s.json"))
    wrong = Counter()
    for index in range(500):
        result = generator.corrupt(sentence, str(index))
        wrong.update((result.source[edit.start], edit.text) for edit in result.edits)
    assert wrong["地", "的"] > 0.85 * wrong.total()
    assert 0 < wrong["事", "是"] < 0.12 * wrong.total()


def test_a_share_of_the_sentences_follows_statistics(tmp_path):
    fit([("我地家", ["我的家"])] * 50).write(tmp_path / "s.json")
    generator = corruptor(mix={"missing": 1}, statistics=str(tmp_path / "s.json"), statistics_share=0.25, max_errors=1)
    kinds = Counter(generator.corrupt(LONG + "我的家", str(i)).kinds[0] for i in range(2000))
    assert set(kinds) == {"wrong", "missing"}
    assert kinds["wrong"] / 2000 == pytest.approx(0.25, abs=0.04)


def test_truncated_poisson():
    numbers = TruncatedPoisson(10, 3)
    draws = Counter(numbers.draw(20, (i + 0.5) / 1000) for i in range(1000))
    # parameter 2: 2, 2, 4/3 in proportion
    assert [draws[n] / 1000 for n in (1, 2, 3)] == pytest.approx([0.375, 0.375, 0.25], abs=0.002)
    assert numbers.draw(20, 0.9999999) == 3
    assert TruncatedPoisson(10, 1).draw(500, 0.99) == 1
