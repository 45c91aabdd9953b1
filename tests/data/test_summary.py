"""What is counted of the data."""

from gaprelm.data.records import Sentence
from gaprelm.data.summary import clean_statistics


def test_clean_sentences_that_do_not_fit_are_counted():
    sentences = [Sentence(str(i), "x", text, [text]) for i, text in enumerate(["今天", "今" * 30, "今" * 31, ""])]
    assert clean_statistics(sentences, 3, 32) == {
        "pairs": 2,
        "left_out": {"source longer than max_seq_length": 1, "empty source": 1},
    }
