"""The files between the steps."""

from gaprelm.data.tables import ScoredSentence, read_hypotheses, write_hypotheses
from gaprelm.report.results import examples_page


def test_hypotheses_with_line_ends_and_tabs_stay_beside_their_sentences(tmp_path):
    sentences = [ScoredSentence("1", "我再\n家\t里\r", ["我在\n家\t里\r"]), ScoredSentence("a\tb", "好\\n吧", ["好吧"])]
    hypotheses = ["我在\n家\t里\r", "好\\n吧"]
    path = tmp_path / "t.hyp.tsv"
    write_hypotheses(path, sentences, hypotheses)
    content = path.read_text(encoding="utf-8")
    first = "\t".join(("1", r"我再\n家\t里\r", r"我在\n家\t里\r"))
    assert content.splitlines()[0] == first
    assert [line.count("\t") for line in content.splitlines()] == [2, 2]
    assert read_hypotheses(path) == hypotheses
    assert "我" in examples_page({"t": (sentences, read_hypotheses(path))})
