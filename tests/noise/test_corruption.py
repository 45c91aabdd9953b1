"""Generated errors: the mix asked for, the same for the same key, gold edits that give the sentence back."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaprelm.characters import is_han
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import apply_edits
from gaprelm.edits.labels import edits_to_labels, labels_to_target
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.punctuation import MARKS
from gaprelm.noise.settings import (
    KINDS,
    PARTICLE,
    PUNCTUATION_KINDS,
    REDUNDANT_KINDS,
    TYPE_OF_KIND,
    TYPES,
    WORD,
    WRONG_KINDS,
)
from tests.conftest import ROOT, SENTENCES

# Characters of equal sound, near sound and like shape, and words of equal sound, besides the sentences'.
TEXTS = [
    *SENTENCES * 5,
    *["他她它在再做坐作地的得已以意义是事市四时十学雪血今金近进天田添了乐音因应家加夹请清情未末己木本体休青"],
    *(f"{a}{w}{b}" for w in ("权力", "权利", "反应", "反映") for a, b in ("我们", "他吗", "这呢", "那吧", "你啊")),
]
NOISE = {
    "mix": {"wrong": 0.45, "missing": 0.25, "redundant": 0.2, "swapped": 0.1},
    "wrong": {"same_sound": 0.75, "near_sound": 0.25},
    "redundant": {"repeated": 0.5, "context": 0.5},
    "clean_share": 0.0,
    "characters_per_error": 12,
    "max_errors": 10,
    "confusions": None,
    "statistics": None,
    "statistics_share": 1.0,
    "protected_terms": None,
    "frequency_power": 0.0,
    "particles": 0.0,
    "punctuation": {"half_width": 0.25, "exchanged": 0.25, "omitted": 0.25, "doubled": 0.25},
    "runs": {},
    "touching": 0.0,
}
# All kinds in Chinese characters, alone and in runs, apart and touching; and in punctuation too.
EVERY_KIND = {
    "mix": {"wrong": 0.4, "word": 0.1, "missing": 0.2, "redundant": 0.2, "swapped": 0.1},
    "wrong": {"same_sound": 0.4, "near_sound": 0.3, "shape": 0.3},
    "particles": 0.2,
    "runs": {"wrong": [0.7, 0.3], "missing": [0.5, 0.3, 0.2], "redundant": [0.5, 0.3, 0.2]},
    "touching": 0.3,
}
WITH_PUNCTUATION = {**EVERY_KIND, "mix": {**EVERY_KIND["mix"], "wrong": 0.2, "punctuation": 0.2}}
LONG = "".join(SENTENCES) + "我们的权利，他们的反应。"
_CACHE = {}


def corruptor(seed=1, texts=TEXTS, **changes):
    key = repr((seed, texts, changes))
    if key not in _CACHE:
        _CACHE[key] = make_corruptor({**NOISE, **changes}, texts, seed)
    return _CACHE[key]


def only(kind):
    """Settings under which all errors are of one kind."""
    name = TYPE_OF_KIND[kind]
    if kind == PARTICLE:
        return {"mix": {"wrong": 1}, "wrong": {"same_sound": 1}, "particles": 1}
    return {"mix": {name: 1}, **({name: {kind: 1}} if name in ("wrong", "redundant", "punctuation") else {})}


ANOTHER = make_corruptor(NOISE, TEXTS, 1)
TEXT = st.text(st.sampled_from("我我在在家的权利反应学校校a1，😀 《》三年𠀀"), max_size=40)


@settings(deadline=None)
@given(TEXT, st.integers(0, 50))
def test_gold_edits_give_the_sentence_and_labels_give_them_back(sentence, number):
    many = corruptor(**WITH_PUNCTUATION, characters_per_error=2)
    source, edits, kinds = many.corrupt(sentence, str(number))
    assert apply_edits(source, edits) == sentence
    assert (source == sentence) == (not edits) == (not kinds)
    assert edits == sorted(edits, key=lambda edit: (edit.start, edit.end))
    labels = edits_to_labels(len(source), edits)
    assert labels_to_target(source, labels) == sentence


def test_gold_edits_are_those_of_the_aligner():
    generator = corruptor(**WITH_PUNCTUATION, characters_per_error=8)
    pairs = [(s, generator.corrupt(s, f"{n}")) for n in range(200) for s in (*SENTENCES, LONG)]
    assert all(align(c.source, s) == c.edits for s, c in pairs)


def test_a_text_that_is_too_long_to_be_aligned_has_gold_edits_too(monkeypatch):
    generator = corruptor(**WITH_PUNCTUATION, characters_per_error=8)
    whole = [generator.corrupt(LONG, str(number)) for number in range(200)]
    monkeypatch.setattr("gaprelm.noise.corruption.LONGEST_ALIGNED", 20)
    pieces = [generator.corrupt(LONG, str(number)) for number in range(200)]
    assert all(apply_edits(source, edits) == LONG for source, edits, _ in pieces)
    assert sum(a == b for a, b in zip(whole, pieces, strict=True)) > 100
    long = "".join(f"第{n}次他在家看书。" for n in range(1000))
    source, edits, kinds = generator.corrupt(long, "0")
    assert apply_edits(source, edits) == long
    assert len(kinds) == 10


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "confusions"])
def test_each_kind_does_what_it_says(kind):
    expected = {
        "missing": ["insert"],
        "repeated": ["delete"],
        "context": ["delete"],
        "swapped": ["replace", "replace"],
        "omitted": ["insert"],
        "doubled": ["delete"],
    }.get(kind, ["replace"])
    generator = corruptor(texts=[*TEXTS, ",.!；、"], **only(kind), max_errors=1)
    made = 0
    for index in range(100):
        source, edits, kinds = generator.corrupt(LONG, str(index))
        types = [edit.type for edit in edits]
        if kinds:
            made += 1
            assert kinds == [kind]
            assert types == expected or (kind == WORD and set(types) == {"replace"})
            (start, _, _) = edits[0]
            if kind == "repeated":
                assert source[start] == source[start - 1]
            if kind == "context":
                assert source[start] not in (source[start - 1], source[start + 1])
            if kind == PARTICLE:
                assert {source[start], edits[0].text} < set("的地得他她它在再做作")
            assert (kind in PUNCTUATION_KINDS) == ((edits[0].text or source[start]) in MARKS)
    assert made == 100


@settings(deadline=None)
@given(TEXT, st.integers(0, 5))
def test_same_key_same_errors_and_only_chinese_characters_change(sentence, epoch):
    first = corruptor().corrupt(sentence, f"train/{epoch}/0")
    assert first == ANOTHER.corrupt(sentence, f"train/{epoch}/0")
    others = [c for c in sentence if not is_han(c)]
    assert [c for c in first.source if not is_han(c)] == others


def test_keys_and_seeds_give_other_errors():
    results = {
        corruptor(seed=seed).corrupt(SENTENCES[4], f"train/{epoch}/0").source for seed in (1, 2) for epoch in range(8)
    }
    assert len(results) > 6


def obtained(generator, sentences, number):
    """Share of each kind in all errors, by the gold edits' kinds, and the share of clean sentences."""
    counts, clean = Counter(), 0
    for index in range(number):
        result = generator.corrupt(sentences[index % len(sentences)], f"test/{index}")
        counts.update(result.kinds)
        clean += not result.edits
    return {kind: count / counts.total() for kind, count in counts.items()}, clean / number


@pytest.mark.parametrize("sentences", [SENTENCES, [LONG], [*SENTENCES, LONG, "我", "3和5", "abc"]])
def test_the_mix_and_the_clean_share_are_those_asked_for(sentences):
    noise = {**EVERY_KIND, "mix": {"wrong": 0.5, "missing": 0.2, "redundant": 0.2, "swapped": 0.1}}
    generator = corruptor(texts=["".join(TEXTS), *sentences * (1000 // len(sentences))], clean_share=0.15, **noise)
    shares, clean = obtained(generator, sentences, 8000)
    expected = {"same_sound": 0.16, "particle": 0.04, "near_sound": 0.15, "shape": 0.15, "missing": 0.2, "swapped": 0.1}
    for kind, share in (expected | {"repeated": 0.1, "context": 0.1}).items():
        # five standard errors of some 10,000 errors
        assert shares[kind] == pytest.approx(share, abs=0.02), (kind, shares)
    without_chinese = 0.85 * sum(not any(map(is_han, s)) for s in sentences) / len(sentences)
    assert clean == pytest.approx(0.15 + without_chinese, abs=0.1 if "我" in sentences else 0.02)


def test_the_number_of_errors_grows_with_the_length_and_has_a_limit():
    numbers = [len(corruptor().corrupt(SENTENCES[5], str(i)).kinds) for i in range(2000)]
    # a Poisson number with parameter 7/12 that is not 0
    assert sum(numbers) / 2000 == pytest.approx(1.32, abs=0.06)
    longer = [len(corruptor().corrupt(LONG, str(i)).kinds) for i in range(500)]
    assert sum(longer) / 500 == pytest.approx(7.3, abs=0.6)
    assert max(longer) == 10


def test_the_documentation_names_every_key_and_kind():
    page = (ROOT / "docs" / "use" / "noise.md").read_text(encoding="utf-8")
    for name in (*TYPES, *WRONG_KINDS, *REDUNDANT_KINDS, *NOISE):
        assert re.search(rf"`[\w.]*{name}`|{name}:", page), name
