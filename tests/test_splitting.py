"""Long text in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaprelm.splitting import split_text


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
