"""gaprelm check: counts, problems with lines, exit codes."""

import json
import re
import subprocess
import sys

import pytest
import yaml

from gaprelm.cli import main as cli
from gaprelm.cli.commands import check as command
from gaprelm.data.readers.recognition import recognise
from gaprelm.errors import run_command
from tests.conftest import ROOT

PAIRS = "我再家看书。\t我在家看书。\n天气很冷。\t天气很冷。\n他去学学校。\t他去学校。\n今天雨。\t今天下雨。\n"


@pytest.fixture
def check(tmp_path, capsys):
    """A function that writes a file, checks it, and gives exit code and report."""

    def run(text, *options, name="a.tsv"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        code = cli.main(["check", str(path), "--json", *map(str, options)])
        document = json.loads(capsys.readouterr().out)
        assert document["exit_code"] == code
        [report] = document["files"]
        return code, report

    return run


def found(report):
    return [(problem["line"], problem["found"]) for problem in report["problems"]["shown"]]


def test_pairs_whose_characters_alone_are_equal_are_two_records(check):
    assert found(check("谢谢谢\t谢谢\n谢谢\t谢谢谢\n")[1]) == []


def test_a_clean_file(check):
    code, report = check(PAIRS)
    assert code == 0
    assert report["status"] == "clean"
    assert (report["format"], report["recognised_by"]) == ("parallel", "source and target by tabs")
    assert (report["sentences"], report["with_error"], report["identical_pairs"]) == (4, 3, 1)
    assert report["lengths"] == {"mean": 5.25, "median": 5, "p95": 6, "max": 6}
    assert report["edits"]["by_type"] == {"replace": 1, "insert": 1, "delete": 1}
    assert report["edits"]["per_pair"] == {"0": 1, "1": 3}
    assert report["left_out"]["pairs"] == 0
    assert report["problems"] == {"errors": 0, "warnings": 0, "by_kind": {"errors": {}, "warnings": {}}, "shown": []}


def test_long_pairs_are_cut_as_training_cuts_them(check):
    # Two sentences that fit one by one, and three of which the last cannot be cut.
    text = "我再家。他去学学校。\t我在家。他去学校。\n好。\t好！\n"
    text += "我在家。好。今天天气真的很冷\t我在家。好。今天天气真得很冷\n"
    code, report = check(text, "--max-seq-length", 8)
    assert code == 1
    assert report["cut"] == {"pairs": 2, "pieces": 5}
    left_out = report["left_out"]
    assert (left_out["pairs"], left_out["share"]) == (1, 1 / 6)
    assert found(report) == [(3, "source longer than max_seq_length (14 characters in all)")]
    # Edits are those of the whole pairs.
    assert report["edits"]["per_pair"] == {"1": 2, "2": 1}


@pytest.mark.parametrize(
    ("text", "options", "code", "line", "words"),
    [
        (PAIRS + "没有第二列\n", (), 2, 5, "1 column"),
        (PAIRS + "\n一\t二\t三\n", (), 2, 6, "3 columns"),
        (PAIRS + "他\u200b在\t他在\n", (), 1, 5, "U+200B ZERO WIDTH SPACE"),
        (PAIRS + "他\x1b[1m在\t他在\n", (), 1, 5, "U+001B ESC"),
        (PAIRS + "他\ufffd\t他在\n", (), 1, 5, "U+FFFD REPLACEMENT CHARACTER"),
        (PAIRS + "天气很冷。\t天气很冷。\n", (), 1, 2, "a record 2 times, in lines 2, 5"),
        (PAIRS + "天气　很冷。\t天气很冷。\n", (), 1, 2, "a record 2 times, in lines 2, 5"),
        (PAIRS + "再\t今天下雨我们在家\n", (), 1, 5, "more than 80% of the characters changed"),
        (PAIRS, ("--max-seq-length", 7), 1, 1, "source longer than max_seq_length (6 characters in all)"),
        (PAIRS + "今天\t今天一二三四\n", ("--max-changed-share", 1), 1, 5, "more insertions in one gap than"),
        (PAIRS, ("--format", "ecspell"), 1, 3, "a source of 6 and a reference of 5 characters"),
        ("", (), 2, None, "the file is empty"),
        ("好\t好\n", (), 1, 1, "every source equal to its reference"),
        (" \n", (), 2, 1, "no record"),
    ],
)
def test_problems_have_lines_and_exit_codes(check, text, options, code, line, words):
    got, report = check(text, *options)
    assert got == code
    matching = [(at, what) for at, what in found(report) if words in what]
    assert [at for at, _ in matching] == [line] or (line, words) in [(at, words) for at, _ in matching]


def test_repeated_ids_and_markers(check):
    text = "7\t我再家。\t我在家。\n8\t好。\t没有错误\n7\t他再。\t他在[缺失成分]。\n"
    code, report = check(text, name="a.txt")
    assert code == 1
    assert (1, "the id '7' 2 times, in lines 1, 3") in found(report)
    assert (3, "the marker [缺失成分] in a reference") in found(report)


def test_overlap_with_test_sets(check, tmp_path, capsys):
    test = tmp_path / "test.txt"
    test.write_text("1\t天气　很冷。\t天气很冷。\n2\t我再家看书\t我在家看书。\n", encoding="utf-8")
    code, report = check(PAIRS, "--test", test, f"{test}:mucgec")
    assert code == 1
    for overlap in report["overlap"]:
        # One source after NFKC and without blanks; one more record shares its reference.
        assert overlap == {"file": "test.txt", "sentences": 2, "sources": 1, "share": 0.25, "others": 1}
    assert (2, "a source of test.txt:1") in found(report)
    assert (1, "a sentence of test.txt:2") in found(report)


def test_overlap_is_counted_file_by_file(tmp_path, capsys):
    for name, text in (("test.tsv", "我再家\t我在家\n"), ("a.tsv", "我再家\t我在家\n"), ("b.tsv", "他再家\t他在家\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("a.tsv", "b.tsv", "a.tsv")]
    assert cli.main(["check", *files, "--json", "--test", str(tmp_path / "test.tsv")]) == 1
    reports = json.loads(capsys.readouterr().out)["files"]
    assert [report["overlap"][0]["sources"] for report in reports] == [1, 0, 1]


def test_what_cannot_be_read_of_a_test_set_is_told(check, tmp_path, capsys):
    test = tmp_path / "test.tsv"
    test.write_bytes("天气很冷。\t天气很冷。\n".encode() + "他再\t他在\n".encode("gb18030"))
    code, report = check(PAIRS, "--test", test)
    assert code == 1
    assert report["overlap"][0]["sources"] == 1
    assert any("a record of the test set that cannot be read" in what for line, what in found(report) if line == 2)
    test.write_bytes("他再\t他在\n".encode("gb18030"))
    assert run_command(lambda: cli.main(["check", str(test), "--test", str(test)])) == 2
    assert "mend the test set" in capsys.readouterr().err


def test_a_file_that_may_not_be_read_does_not_hide_the_others(tmp_path, capsys, monkeypatch):
    (tmp_path / "a.tsv").write_text(PAIRS, encoding="utf-8")
    (tmp_path / "b.tsv").write_text(PAIRS, encoding="utf-8")

    def refused(path):
        if path.endswith("b.tsv"):
            raise PermissionError(13, "Permission denied", path)
        return recognise(path)

    monkeypatch.setattr("gaprelm.data.checking.report.recognise", refused)
    assert cli.main(["check", str(tmp_path / "a.tsv"), str(tmp_path / "b.tsv")]) == 2
    output = capsys.readouterr().out
    assert "a.tsv: parallel" in output
    assert "Permission denied" in output


def test_findings_are_capped_and_counted(check):
    text = PAIRS + "".join(f"没有第二列{i}\n" for i in range(30)) + "".join(f"他{i}\u200b\t他{i}\n" for i in range(30))
    code, report = check(text, "--shown", 3)
    assert code == 2
    assert (report["problems"]["errors"], report["problems"]["warnings"]) == (30, 30)
    assert len(report["problems"]["shown"]) == 6
    assert sum(report["problems"]["by_kind"]["errors"].values()) == 30


def test_partners(check, tmp_path, capsys):
    (tmp_path / "x_correct.txt").write_text("我在家。\n好。\n", encoding="utf-8")
    code, report = check("我再家。\n好。\n", name="x_error.txt")
    assert code == 0
    assert report["sentences"] == 2
    assert cli.main(["check", str(tmp_path / "x_correct.txt")]) == 0  # the pair is checked, whichever is named
    assert "2; 1 with an error" in capsys.readouterr().out
    code, report = check("我再家。\n", name="x_error.txt")
    assert code == 2
    assert "has 1 lines and" in report["problems"]["shown"][0]["found"]


def test_several_files_in_text(tmp_path, capsys):
    for name, text in (("a.tsv", PAIRS), ("b.tsv", "坏\n"), ("c.txt", "今天下雨。\n我在家。\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = [str(tmp_path / name) for name in ("a.tsv", "b.tsv", "c.txt", "missing.tsv")]
    assert cli.main(["check", *names]) == 2
    output = capsys.readouterr().out
    assert re.search(r"a\.tsv: parallel .*\n  sentences   4; 3 with an error \(75\.0%\)", output)
    assert f"error       {tmp_path}/b.tsv:1: found 1 column; expected 2 columns" in output
    assert "missing.tsv: no such file" in output
    assert "c.txt: clean" in output
    assert output.count("\n  result      errors: ") == 4
    assert cli.main(["check", names[0], names[2]]) == 0


def test_vocabulary(check):
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "我", "##们"]
    code, report = check("".join(f"{token}\n" for token in tokens), name="vocab.txt")
    assert (code, report["format"], report["tokens"]) == (0, "vocabulary", 7)
    code, report = check("[PAD]\n我\n\n我\n", name="vocab.txt")
    assert code == 2
    assert (4, "the token '我' again") in found(report)
    assert (3, "a blank line") in found(report)
    assert (1, "no [UNK] in the file") in found(report)


def test_traditional_script_is_told(check):
    _, report = check("我門在這裡。\t我們在這裡。\n天氣很好。\t天氣很好。\n")
    assert report["traditional_share"] == 1.0
    assert check(PAIRS)[1]["traditional_share"] == 0.0


def test_the_defaults_are_those_of_the_configuration():
    parser = cli._parser()
    arguments = parser.parse_args(["check", "x"])
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for name in ("max_insert_num", "max_seq_length", "max_changed_share"):
        assert getattr(arguments, name) == settings[name]
    assert arguments.run is command._run


def test_it_loads_no_torch(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text(PAIRS, encoding="utf-8")
    code = (
        "import sys; from gaprelm.cli import main as cli; cli.main(['check', sys.argv[1]]); "
        "print({'torch', 'transformers', 'pandas', 'pyarrow'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "set()"
