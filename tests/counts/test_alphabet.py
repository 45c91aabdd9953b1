"""Characters to ids."""

import numpy as np
import pytest

from gaprelm.counts.alphabet import BOUNDARY, UNKNOWN, Alphabet


def counts_of(text):
    return np.bincount([ord(c) for c in text], minlength=0x110000)


def test_digits_letters_and_half_width_marks_are_folded():
    alphabet = Alphabet.from_counts(counts_of("他有0个a，"), 100)
    assert list(alphabet.encode("9Ａz，")) == list(alphabet.encode("0aa,"))
    assert alphabet.encode("。")[0] == BOUNDARY
    assert alphabet.encode("猫")[0] == UNKNOWN
    assert list(alphabet.encode("\u3000 \u00a0")) == [UNKNOWN] * 3


def test_frequent_characters_first_and_required_ones_kept():
    alphabet = Alphabet.from_counts(counts_of("的的的一一人"), 4, required="龘")
    assert alphabet.characters == "。的一龘"
    assert [alphabet.character(i) for i in (0, 1, 4)] == ["\ufffd", "。", "龘"]


def test_ids_of_a_models_tokens():
    alphabet = Alphabet("。的一")
    assert list(alphabet.of_tokens(["[PAD]", "一", "##的", "的", "。"])) == [0, 3, 0, 2, 1]


def test_an_alphabet_starts_with_the_full_stop():
    with pytest.raises(ValueError, match="starts with '的'; expected at most 8191"):
        Alphabet("的一")
