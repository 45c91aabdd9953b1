"""The files between the steps."""

import pytest

from gaprelm.data.records import ScoredSentence, Sentence
from gaprelm.data.tables import (
    NORMALIZED,
    iterate_pairs,
    iterate_sentences,
    labelled_types,
    read_hypotheses,
    shard_rows,
    write_hypotheses,
    write_table,
)
from gaprelm.errors import InputError
from gaprelm.pipeline.report.results import examples_page


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


@pytest.mark.parametrize("number", [0, 1, 10, 17])
@pytest.mark.parametrize("shards", [1, 2, 3, 20])
def test_shards_hold_every_row_once_in_order(tmp_path, monkeypatch, number, shards):
    monkeypatch.setattr("gaprelm.data.tables._ROWS_IN_MEMORY", 4)  # so that there are several row groups
    path = tmp_path / "t.parquet"
    sentences = [Sentence(str(index), "x", "我", []) for index in range(number)]
    write_table(path, (sentence._asdict() for sentence in sentences), NORMALIZED)
    parts = [list(iterate_sentences(path, shard_rows(path, f"{k}-of-{shards}"))) for k in range(1, shards + 1)]
    assert [sentence for part in parts for sentence in part] == sentences
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_damaged_table_is_named_with_the_cure(tmp_path):
    path = tmp_path / "a.parquet"
    rows = [{"id": str(i), "corpus": "x", "source": f"第{i}句", "targets": [f"第{i}句"]} for i in range(300)]
    write_table(path, rows, NORMALIZED)
    whole = path.read_bytes()
    assert len(list(iterate_sentences(path))) == 300
    middle = whole[:4] + b"\xff" * 400 + whole[404:]
    for content in (b"", b"no table", whole[:-9], middle):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"a\.parquet is damaged, or not a table .*\n  cure: delete it and give"):
            list(iterate_sentences(path))
    path.write_bytes(whole)
    with pytest.raises(InputError, match=r"a\.parquet is damaged, or not a table of this step \(.*target"):
        list(iterate_pairs(path))
    path.write_bytes(b"no table")
    for read in (labelled_types, lambda path: shard_rows(path, "1-of-2")):
        with pytest.raises(InputError, match=r"a\.parquet is damaged"):
            read(path)
    path.unlink()
    with pytest.raises(InputError, match=r"a\.parquet: no such file\n  cure: "):
        list(iterate_sentences(path))
