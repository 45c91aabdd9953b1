"""Where a text is cut, and that what is found in its pieces comes back at its places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaprelm.correction.splitting import cut, is_line_end, joined, lines, sentences
from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import ProposedEdit


@given(st.text(st.sampled_from("我们在家。，！ a\n"), max_size=80), st.integers(1, 12), st.booleans())
def test_pieces_join_to_the_text(text, limit, by_sentence):
    pieces = cut(text, limit, by_sentence)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert [piece for piece in pieces if "\n" in piece] == ["\n"] * text.count("\n")


@given(st.text(st.sampled_from("我们在家。，！”\r\n"), max_size=40), st.integers(1, 9), st.booleans())
def test_a_piece_is_not_cut_again(text, limit, by_sentence):
    assert all(cut(piece, limit, by_sentence) == [piece] for piece in cut(text, limit, by_sentence))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("我在家。你呢？", ["我在家。", "你呢？"]),
        ("“好！”走。我走", ["“好！”", "走。", "我走"]),
        ("今天，我在家里", ["今天，", "我在家里"]),
        ("一二三四五六七八", ["一二三四五", "六七八"]),
        ("短。我\r\n一二三四五六", ["短。我", "\r\n", "一二三四五", "六"]),
        ("短", ["短"]),
        ("", []),
    ],
)
def test_places(text, pieces):
    assert cut(text, 5) == pieces


def test_the_drawn_example():
    pieces = cut("今天在家。我看书，他也看书。\n你呢？", 8)
    assert pieces == ["今天在家。", "我看书，", "他也看书。", "\n", "你呢？"]
    first = [ProposedEdit(Edit(0, 0, "在"), 0.5)]
    assert [p.edit.start for p in joined(pieces, [first] * 5)] == [0, 5, 9, 14, 15]


def test_bad_limit():
    with pytest.raises(ValueError, match="limit 0"):
        cut("我", 0)


def test_by_sentence():
    assert cut("我。好！", 9) == ["我。好！"]
    assert cut("我。好！", 9, by_sentence=True) == ["我。", "好！"]


@given(st.lists(st.text("我在家", min_size=1, max_size=5), max_size=5))
def test_what_was_found_in_a_piece_is_found_in_the_text(pieces):
    text = "".join(pieces)
    found = [[ProposedEdit(Edit(i, i + 1, c), 0.5) for i, c in enumerate(piece)] for piece in pieces]
    assert [(p.edit.start, p.edit.text) for p in joined(pieces, found)] == list(enumerate(text))


@given(st.text(st.sampled_from("我。\r\n\u2028\x85a") | st.characters(), max_size=30))
def test_lines_and_sentences_join_to_the_text(text):
    parts = lines(text)
    assert "".join(parts) == "".join("".join(sentences(part)) for part in parts) == text
    assert [part for part in parts if not is_line_end(part)] == [line for line in text.splitlines() if line]
