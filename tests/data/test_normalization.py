"""From records to sentences."""

from gaprelm.data.normalization import NormalizationCounts, normalized_sentences
from gaprelm.data.records import Sentence
from gaprelm.data.sources import Source


def test_references_become_clean_sentences(tmp_path):
    path = tmp_path / "a.txt"
    lines = ["1\t我再家\t我在家\t我 在家", "2\t你好\t没有错误", "3\t他\t无法标注", "4\t我号\t我好\t我好"]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    counts = NormalizationCounts()
    source = Source(str(path), "mucgec", references_as_clean=True)
    found = list(normalized_sentences([source], "error", True, False, counts))
    texts = [("1", "我在家"), ("1", "我 在家"), ("2", "你好"), ("4", "我好")]
    assert found == [Sentence(number, "a.txt", text, [text]) for number, text in texts]
    assert (counts.sentences, counts.with_error, counts.without_reference) == (4, 0, 0)
