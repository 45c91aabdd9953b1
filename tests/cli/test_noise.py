"""``gaprelm corrupt`` and ``gaprelm noise fit``."""

import json
import subprocess
import sys

import pytest

from gaprelm.cli import main as cli
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.errors import run_command
from tests.conftest import ROOT, SENTENCES

NO_CLEAN = ["--noise", "{clean_share: 0}"]


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "clean.txt"
    path.write_text("\n".join(SENTENCES * 10) + "\n", encoding="utf-8")
    return str(path)


def test_pairs_come_in_the_order_of_the_lines(text, capsys):
    assert cli.main(["corrupt", text, *NO_CLEAN]) == 0
    output = capsys.readouterr()
    rows = [line.split("\t") for line in output.out.splitlines()]
    assert [target for _, target in rows] == SENTENCES * 10
    assert sum(source != target for source, target in rows) > 95
    assert "100 sentences" in output.err
    assert cli.main(["corrupt", text, *NO_CLEAN]) == 0
    assert capsys.readouterr().out == output.out
    assert cli.main(["corrupt", text, *NO_CLEAN, "--seed", "7"]) == 0
    assert capsys.readouterr().out != output.out


def test_gold_edits_and_files(text, tmp_path, capsys):
    output = tmp_path / "out" / "pairs.jsonl"
    assert cli.main(["corrupt", text, "--format", "jsonl", "-o", str(output)]) == 0
    assert capsys.readouterr().out == ""
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 100
    for row in rows:
        assert apply_edits(row["source"], [Edit(**edit) for edit in row["edits"]]) == row["target"]
    assert cli.main(["corrupt", text, "--format", "text", "-o", "-"]) == 0
    assert capsys.readouterr().out.splitlines() == [row["source"] for row in rows]


def test_standard_input_gives_what_a_file_gives(text, capsys):
    assert cli.main(["corrupt", text]) == 0
    with open(text, "rb") as stream:
        result = subprocess.run(
            [sys.executable, "-m", "gaprelm", "corrupt"], stdin=stream, capture_output=True, check=True
        )
    assert result.stdout.decode() == capsys.readouterr().out


def test_settings_from_a_file_and_a_vocabulary(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("他在。\n" * 50, encoding="utf-8")
    (tmp_path / "v.txt").write_text("再\n", encoding="utf-8")
    (tmp_path / "n.yaml").write_text(
        "noise: {mix: {wrong: 1}, wrong: {same_sound: 1}, clean_share: 0}", encoding="utf-8"
    )
    files = [str(tmp_path / "a.txt"), "--noise", str(tmp_path / "n.yaml"), "--vocabulary", str(tmp_path / "v.txt")]
    assert cli.main(["corrupt", *files]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {"他再。\t他在。"}


def test_without_a_checkout_the_settings_are_asked_for(text, capsys, monkeypatch):
    monkeypatch.setattr("gaprelm.cli.commands.corrupt._DEFAULTS", ROOT / "nowhere" / "config.yaml")
    assert run_command(lambda: cli.main(["corrupt", text])) == 2
    assert "give all settings with --noise config.yaml" in capsys.readouterr().err
    assert cli.main(["corrupt", text, "--noise", str(ROOT / "config.yaml")]) == 0


def test_blank_lines_are_counted(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("他在家。\n\n \n我也在。\n", encoding="utf-8")
    assert cli.main(["corrupt", str(tmp_path / "a.txt")]) == 1
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 2
    assert "2 blank lines left out" in output.err


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"\xff\n", [], "a.txt:1: found byte 0xff"),
        (b"\n", [], "no sentence in it"),
        ("我\t你\n".encode(), [], "a.txt:1: found a tab in the sentence"),
        (b"a\n", ["--noise", "{clean_share: 2}"], "noise.clean_share=int 2; expected a number from 0 to 1"),
        (b"a\n", ["--noise", "{mix: {wrong: 0.5}}"], "the shares of noise.mix add up to 0.5; expected 1"),
        (b"a\n", ["--noise", "{mix: {wrng: 1}}"], "unknown key wrng in noise.mix"),
        (b"a\n", ["--noise", "{much: 1}"], "unknown key much in noise"),
        (b"a\n", ["--noise", "missing.yaml"], "expected a file, or keys with values"),
        (b"a\n", ["--noise", "{wrong: {confusions: 1}}"], "noise.confusions names no file"),
        (b"a\n", ["--noise", "{statistics: none.json}"], "none.json: no such file"),
        (b"a\n", ["--noise", "{max_errors: 2.5}"], "max_errors=float 2.5; expected a whole number"),
        (b"a\n", ["--noise", "{characters_per_error: .nan}"], "expected a number above 0"),
        (b"a\n", ["--noise", "{protected_terms: 3}"], "expected the name of a file, or null"),
    ],
)
def test_bad_input_ends_with_two(tmp_path, content, options, message, capsys):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert run_command(lambda: cli.main(["corrupt", str(path), *options])) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""


def test_settings_that_are_no_utf8_and_settings_that_are_long(tmp_path, text, capsys):
    (tmp_path / "n.yaml").write_bytes(b"clean_share: 0 # \xff\n")
    assert run_command(lambda: cli.main(["corrupt", text, "--noise", str(tmp_path / "n.yaml")])) == 2
    assert "n.yaml:1: found byte 0xff" in capsys.readouterr().err
    assert cli.main(["corrupt", text, "--noise", f"{{clean_share: 1{' ' * 300}}}"]) == 0


def test_standard_input_is_read_as_files_are():
    for content, code, output in (
        ("\ufeff我在家。\r\n".encode(), 0, "我在家。\t我在家。\n"),
        ("好。\n我\0在家。\n".encode(), 2, "standard input:2: found a NUL byte"),
    ):
        command = [sys.executable, "-m", "gaprelm", "corrupt", "--noise", "{clean_share: 1}"]
        result = subprocess.run(command, input=content, capture_output=True, check=False)
        assert result.returncode == code
        assert output in (result.stderr if code else result.stdout).decode()


def test_what_fit_was_to_leave_out_is_counted(tmp_path, capsys):
    (tmp_path / "p.tsv").write_text(f"我再家\t我在家\n{'我' * 5000}\t{'他' * 5000}\n", encoding="utf-8")
    (tmp_path / "held.txt").write_text("别的\n", encoding="utf-8")
    arguments = ["noise", "fit", str(tmp_path / "p.tsv"), "-o", str(tmp_path / "s.json"), "--without"]
    assert cli.main([*arguments, str(tmp_path / "held.txt")]) == 0
    message = capsys.readouterr().err
    assert "left out: 0 sentences of --without" in message
    assert "left out: 1 pairs of more than 4,096 characters" in message
    arguments[4] = "-"
    assert cli.main([*arguments, str(tmp_path / "held.txt")]) == 0
    assert capsys.readouterr().out == (tmp_path / "s.json").read_text(encoding="utf-8")
    (tmp_path / "held.txt").write_bytes("他在家".encode("gb18030"))
    assert run_command(lambda: cli.main([*arguments, str(tmp_path / "held.txt")])) == 2
    assert "reads as gb18030" in capsys.readouterr().err


def test_fit_takes_a_part_of_each_file(tmp_path, capsys):
    (tmp_path / "p.tsv").write_text("".join(f"窝{n}\t我{n}\n" for n in range(10)), encoding="utf-8")
    arguments = ["noise", "fit", str(tmp_path / "p.tsv"), "-o", str(tmp_path / "s.json"), "--part"]
    assert cli.main([*arguments, "2-5/5"]) == 0
    assert "8 pairs, 8 with errors" in capsys.readouterr().err
    assert run_command(lambda: cli.main([*arguments, "0/3"])) == 2
    assert "expected k/n or k-m/n" in capsys.readouterr().err


def test_fit_then_corrupt(text, tmp_path, capsys):
    pairs, statistics = tmp_path / "pairs.tsv", tmp_path / "s.json"
    pairs.write_text(
        "".join(f"{s.replace('我', '窝')}\t{s}\n" for s in SENTENCES) + "我再家\t我在家\n", encoding="utf-8"
    )
    (tmp_path / "held.txt").write_text("我在家\n", encoding="utf-8")
    assert cli.main(["noise", "fit", str(pairs), "-o", str(statistics), "--without", str(tmp_path / "held.txt")]) == 0
    message = capsys.readouterr().err
    assert "10 pairs, 3 with errors: 3 wrong, 0 missing" in message
    assert "left out: 1 sentences of --without" in message
    assert json.loads(statistics.read_text(encoding="utf-8"))["wrong"] == {"我": {"窝": 3}}
    assert cli.main(["corrupt", text, "--noise", f"{{statistics: {statistics}, clean_share: 0}}"]) == 0
    sources = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert all(len(source) == len(target) for source, target in sources)


def test_fit_needs_errors_and_good_records(tmp_path, capsys):
    path = tmp_path / "pairs.tsv"
    path.write_text("好\t好\n我\t我\n", encoding="utf-8")
    arguments = ["noise", "fit", str(path), "-o", str(tmp_path / "s.json"), "--format", "parallel"]
    assert run_command(lambda: cli.main(arguments)) == 2
    assert "no error in the pairs" in capsys.readouterr().err
    path.write_text("你号\t你好\n我\n", encoding="utf-8")
    assert run_command(lambda: cli.main(arguments)) == 2
    assert "pairs.tsv:2" in capsys.readouterr().err
    assert not (tmp_path / "s.json").exists()
    assert cli.main([*arguments, "--on-bad-record", "skip"]) == 1
    assert "left out: 1 bad records" in capsys.readouterr().err


def test_they_start_at_once():
    code = (
        "import sys; from gaprelm.cli import main as cli\n"
        "try:\n cli.main(sys.argv[1:])\n"
        "finally:\n print(set(sys.modules) & {'torch', 'transformers', 'pandas', 'pyarrow', 'snakemake'})"
    )
    for command in (["corrupt"], ["noise", "fit", "-", "-o", "/dev/null"]):
        result = subprocess.run(
            [sys.executable, "-c", code, *command], input="我在家\n".encode(), capture_output=True, check=False
        )
        assert result.stdout.decode().splitlines()[-1] == "set()", result
