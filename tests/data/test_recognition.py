"""Recognising formats: what a file is taken for, and what is refused."""

import gzip
import lzma

import pytest
import yaml

from gaprelm.data.readers import READERS, read_records
from gaprelm.data.readers.recognition import recognise
from gaprelm.errors import InputError
from tests.conftest import ROOT

M2 = "S 我 再 家\nA 1 2|||S|||在|||REQUIRED|||-NONE-|||0\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.tsv", "我再家。\t我在家。\n", "parallel"),
        ("a.txt", "我再家。\t我在家。\n", "parallel"),
        ("a.tsv", "我再家。\n", "parallel"),  # never plain text
        ("a.tsv", "1\t我再家。\t我在家。\tx\ty\tz\t1\t2\t3\n", "parallel"),  # not guessed; its reader refuses
        ("a.txt", "7\t我再家。\t我在家。\t我在家里。\n8\t好。\t没有错误\n", "mucgec"),
        ("a.para", "A-7\t我再家。\t我在家。\n", "mucgec"),
        ("a.txt", "7\t我再家。\n8\t好。\n", "mucgec"),
        ("a.train", "1\t我再家。\t我在家。\n0\t好。\t好。\n2\t他再加。\t他在家。\n", "ecspell"),
        ("a.txt", "我 再 家 。\t我 在 家 。\n", "lemon"),
        ("data.train", "1\t0\t我在家。\n2\t2\t我再家。\t我在家。\t我在家里。\n", "lang8"),
        ("a.jsonl", '{"source": "我再家", "target": "我在家"}\n', "mucgec"),
        ("a.txt", '[{"source": "我再家", "target": "我在家"}]', "mucgec"),
        ("a.json", '[{"original_text": "我再家", "correct_text": "我在家"}]', "sighan"),
        ("a.json", '[\n{"instruction": "改错", "input": "我再家", "output": "我在家"}]', "excgec"),
        ("a.json", '{\n"x1": {"sentence": "我再家", "error_flag": 0, "operation": "[]"}}', "fcgec"),
        ("a.jsonl", '{"sentence_id": 1, "sentence_text": "我再家", "sentence_annos": []}\n', "yaclc"),
        ("a.sgml", '<ESSAY title="x">\n', "sighan"),
        ("a.txt", '<DOC Nid="1">\n<P>好</P>\n', "sighan"),
        ("a.txt", "(NID=1) 我再家\n", "sighan"),
        ("a.sgml", '<DOC>\n<SENTENCE id="A-1">我再家</SENTENCE>\n', "cged"),
        ("a.sgml", '<ESSAY title="x">\n<TEXT>\n<SENTENCE id="A-1">我再家</SENTENCE>\n', "cged"),
        ("a.txt", '<?xml version="1.0"?>\n<ROOT>\n<DOC>\n<TEXT id="1">\n我再家\n</TEXT>\n', "cged"),
        ("a.txt", "(sid=A-1)\t我再家\n", "mucgec"),
        ("a.txt", "S 我 在 家 。\n\nS 好 。\n", "m2"),
        ("a.tsv", "source\ttarget\n我 再 家 。\t我 在 家 。\n", "lemon"),
        ("a.txt", "加油，加油  加油\n我在家。 我在家里。\n", "clean"),
        ("a.txt", M2, "m2"),
        ("a.m2", "x\n", "m2"),
        ("a.txt", "我在家。\n[笑]他在吗？\n", "clean"),
        ("a.txt", "[笑]他在吗？\n我在家。\n", "clean"),
        ("a.txt", "<b>我在家。\n", "clean"),
        ("a.txt", " \n\t\n", "clean"),
        ("x_error.txt", "我再家。\n", "sighan"),
        ("a.txt", "他 1998, 2000 年在家。\n", "clean"),
        ("a.tsv", f"{'9' * 5000}\t我再家。\t我在家。\n", "mucgec"),  # no number of any count
        ("a.txt", f"1\t{'9' * 5000}\t我在家。\t我再家。\n", "parallel"),
    ],
)
def test_formats(tmp_path, name, text, expected):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = recognise(str(path))
    assert found.format == expected
    assert found.reason
    assert expected in READERS


def test_compressed_files_are_what_they_hold(tmp_path):
    for suffix, compress in ((".gz", gzip.compress), (".xz", lzma.compress)):
        path = tmp_path / f"a.tsv{suffix}"
        path.write_bytes(compress("我再家。\t我在家。\n".encode()))
        assert recognise(str(path)).format == "parallel"
        assert [item.targets for item in read_records(str(path), "auto")] == [["我在家。"]]


def test_a_pair_of_files(tmp_path):
    (tmp_path / "a.txt").write_text("我再家。\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("我在家。\n", encoding="utf-8")
    path = f"{tmp_path / 'a.txt'}+{tmp_path / 'b.txt'}"
    assert recognise(path).format == "sighan"
    assert [item.targets for item in read_records(path, "auto")] == [["我在家。"]]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '{"data": [{"source": "好"}]}', "keys data; expected a list"),
        ("a.json", '[{"text": "好"}]', "keys text; expected a list"),
        ("a.json", "[1, 2]", "found int 1"),
        ("a.json", "我在家。\n", "this is not JSON"),
        ("a.json", "<html><body>404</body></html>", "looks like HTML"),
        ("a.txt", "<!DOCTYPE html>\n<html>", "found an HTML page"),
        ("a.csv", "我再家,我在家\n", "expected columns split by tabs"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", '{\n "x1": {"sentence": "我再家", "error_flag": 0, "oper', "cut off"),
        ("a.tsv", "我再家。\t我在家。\r好。\t好。\r", "carriage returns alone"),
        ("x_TestTruth.txt", "C1-1701-2, 19, 持\nA2-0003-1, 0\nB1-1, 2, 题, 7, 门\n", "corrections of a SIGHAN task"),
        ("truth.txt", "00043, 2, 15\n00044, 0\n", "corrections of a SIGHAN task"),
        ("ctc.txt", "pid=0011-1, 20, 别字, 轮, 论, 46, 别词, 标识, 表示,\npid=0011-2, -1\n", "labels of a shared task"),
        ("cltc.txt", "(id=012) 14,印,15,象\n(id=013) 0\n", "labels of a shared task"),
        ("cged.txt", "0003, 6, 7, S\n0003, 8, 8, R\n0004, correct\n", "labels of a CGED task"),
        ("cged14.txt", "B1-1, correct\nB1-2, Redundant\n", "labels of a CGED task"),
        ("cged21.txt", "1, 6, 6, M, 从\n2, correct\n", "labels of a CGED task"),
        ("a.txt", "我再家看书。    我在家看书。\n天气很冷。    天气很冷。\n", "alike, with no tab between"),
        ("a.txt", "7  我再家看书。  我在家看书。\n8  天气很冷。  天气很冷。\n", "alike, with no tab between"),
        ("a.txt", "我再家看书。,我在家看书。\n" * 5, "alike, with no tab between"),
        ("a.txt", "我再家看书。 我在家看书。\n" * 5, "alike, with no tab between"),
        ("a.txt", "<corpus>\n<s>我再家。</s>\n", "a tag of no known format"),
    ],
)
def test_what_is_refused(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_bytes(text.encode())
    with pytest.raises(InputError, match=message):
        recognise(str(path))


def test_what_was_taken_is_said(tmp_path, caplog):
    path = tmp_path / "a.tsv"
    path.write_text("我再家。\t我在家。\n", encoding="utf-8")
    with caplog.at_level("INFO"):
        list(read_records(str(path), "auto"))
    assert "a.tsv: read as parallel (source and target by tabs)" in caplog.text


def test_the_schema_of_the_configuration_knows_every_format():
    schema = yaml.safe_load((ROOT / "rules" / "config.schema.yaml").read_text(encoding="utf-8"))
    assert set(schema["$defs"]["format"]["enum"]) == {*READERS, "auto"}
