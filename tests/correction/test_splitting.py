"""Long text in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaprelm.correction.splitting import is_line_end, lines, sentences, split_text


@given(st.text(st.sampled_from("我们在家。，！ a\n"), max_size=80), st.integers(1, 12))
def test_pieces_join_to_the_text(text, limit):
    pieces = split_text(text, limit)
    assert "".join(pieces) == text
    assert all(len(piece) <= limit for piece in pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("我在家。你呢？", ["我在家。", "你呢？"]),
        ("“好！”走。我走", ["“好！”", "走。", "我走"]),
        ("今天，我在家里", ["今天，", "我在家里"]),
        ("一二三四五六七八", ["一二三四五", "六七八"]),
        ("短", ["短"]),
        ("", [""]),
    ],
)
def test_places(text, pieces):
    assert split_text(text, 5) == pieces


def test_bad_limit():
    with pytest.raises(ValueError, match="limit 0"):
        split_text("我", 0)


def test_by_sentence():
    assert split_text("我。好！", 9) == ["我。好！"]
    assert split_text("我。好！", 9, by_sentence=True) == ["我。", "好！"]


@given(st.text(st.sampled_from("我。\r\n\u2028\x85a") | st.characters(), max_size=30))
def test_lines_and_sentences_join_to_the_text(text):
    parts = lines(text)
    assert "".join(parts) == "".join("".join(sentences(part)) for part in parts) == text
    assert [part for part in parts if not is_line_end(part)] == [line for line in text.splitlines() if line]
