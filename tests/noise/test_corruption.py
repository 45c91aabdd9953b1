"""Generated errors: the mix asked for, the same for the same key, nothing but Chinese characters touched."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaprelm.edits.alignment import align
from gaprelm.edits.similarity import UNLIKE, dissimilarity
from gaprelm.noise.confusion import SoundConfusions
from gaprelm.noise.corruption import ERROR_TYPES, MISSING, REDUNDANT, SWAPPED, WRONG, Corruptor, NoiseSettings
from tests.conftest import SENTENCES

MIX = {WRONG: 0.45, MISSING: 0.25, REDUNDANT: 0.2, SWAPPED: 0.1}
CONFUSIONS = SoundConfusions(
    ["他她它在再做坐作地的得已以意义是事市四时十学雪血今金近进天田添了乐音因应家加夹", *SENTENCES]
)


def corruptor(mix=MIX, clean=0.0, seed=1, extra=1000):
    return Corruptor(NoiseSettings(mix, clean, 0.25, 0.5, extra), CONFUSIONS, seed)


def only(kind):
    return {name: float(name == kind) for name in ERROR_TYPES}


def test_confusions_sound_alike_and_are_other_characters():
    same, near = CONFUSIONS.of("在")
    assert "再" in same
    assert "在" not in same + near
    assert all(dissimilarity("在", character) < UNLIKE for character in same + near)
    assert CONFUSIONS.of("，") == ([], [])


@given(st.text(st.sampled_from("我在家a1，😀 学校"), max_size=20), st.integers(0, 5))
def test_same_key_same_errors_and_only_chinese_characters_change(sentence, epoch):
    first = corruptor().corrupt(sentence, f"train/{epoch}/0")
    assert first == corruptor().corrupt(sentence, f"train/{epoch}/0")
    others = [c for c in sentence if c in "a1，😀 "]
    assert [c for c in first if c in "a1，😀 "] == others


def test_keys_and_seeds_give_other_errors():
    results = {corruptor(seed=seed).corrupt(SENTENCES[4], f"train/{epoch}/0") for seed in (1, 2) for epoch in range(8)}
    assert len(results) > 6


@pytest.mark.parametrize("kind", ERROR_TYPES)
def test_each_type_does_what_it_says(kind):
    for index, sentence in enumerate(SENTENCES * 5):
        source = corruptor(only(kind)).corrupt(sentence, str(index))
        types = [edit.type for edit in align(source, sentence)]
        expected = {WRONG: ["replace"], MISSING: ["insert"], REDUNDANT: ["delete"], SWAPPED: ["replace", "replace"]}
        assert types == expected[kind], (sentence, source)


def test_the_mix_and_the_clean_share_are_those_asked_for():
    counts, clean = Counter(), 0
    runs = 6000
    for index in range(runs):
        sentence = SENTENCES[index % len(SENTENCES)]
        edits = align(corruptor(clean=0.15).corrupt(sentence, str(index)), sentence)
        kinds = [edit.type for edit in edits]
        clean += not kinds
        name = (
            {"insert": MISSING, "delete": REDUNDANT}.get(kinds[0], SWAPPED if len(kinds) == 2 else WRONG)
            if kinds
            else None
        )
        counts[name] += 1
    assert clean / runs == pytest.approx(0.15, abs=0.015)
    for name, share in MIX.items():
        assert counts[name] / (runs - clean) == pytest.approx(share, abs=0.025), counts


def test_longer_sentences_get_more_errors():
    long = "".join(SENTENCES)
    few = len(align(corruptor(extra=1000).corrupt(long, "x"), long))
    many = [len(align(corruptor(only(WRONG), extra=8).corrupt(long, str(i)), long)) for i in range(20)]
    assert few <= 2
    assert sum(many) / len(many) > 3
