"""``gaprelm score``, ``m2`` and ``resources``: output that programs can read, errors that people can."""

import json
import os
import subprocess
import sys

import pytest

from gaprelm.cli import main as cli
from gaprelm.errors import run_command

REFERENCES = "1\t我再家\t我在家\n2\t他好\t没有错误\t他很好\n3\t天气泠\t天气冷\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.delenv("GAPRELM_RESOURCES", raising=False)
    (tmp_path / "refs.tsv").write_text(REFERENCES, encoding="utf-8")
    (tmp_path / "hyp.txt").write_text("我在家\n他好\n天气令\n", encoding="utf-8")
    (tmp_path / "other.txt").write_text("我再家\n他好\n天气冷\n", encoding="utf-8")
    (tmp_path / "truth.txt").write_text("1, 2, 在\n2, 0\n3, 3, 冷\n", encoding="utf-8")
    (tmp_path / "result.txt").write_text("1, 2, 在\n2, 0\n3, 3, 令\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return run_command(lambda: cli.main(arguments))


CHERRANT = ("score", "cherrant", "--references", "refs.tsv", "--hypotheses", "hyp.txt")
SIGHAN = ("score", "sighan", "--truth", "truth.txt", "--results", "result.txt")


def test_cherrant_json(files, capsys):
    assert run(*CHERRANT, "--json", "--compare", "other.txt") == 0
    output = capsys.readouterr()
    document = json.loads(output.out)
    assert {"tp", "fp", "fn", "precision", "recall", "f", "beta", "by_type", "sentences", "signature"} <= set(document)
    assert (document["tp"], document["fp"], document["fn"], document["f"]) == (1, 1, 1, 0.5)
    assert document["by_type"]["S"]["tp"] == 1
    assert document["interval"]["low"] <= 0.5 <= document["interval"]["high"]
    assert document["compare"]["other"]["precision"] == 1.0
    assert document["compare"]["p"] == 1.0
    assert "no --resources" in output.err


def test_cherrant_table(files, capsys):
    assert run(*CHERRANT, "--by-type", "--beta", "1") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["edits", "TP", "FP", "FN", "P", "R", "F1"]
    assert lines[1].split() == ["all", "1", "1", "1", "0.5000", "0.5000", "0.5000"]
    assert [line.split()[0] for line in lines[2:6]] == ["M", "R", "S", "W"]
    assert lines[-1].startswith("metric:cherrant|")


def test_texts_and_m2_score_alike(files, capsys):
    assert run("m2", "refs.tsv", "-o", "refs.m2") == 0
    (files / "hyp.tsv").write_text("1\t我再家\t我在家\n2\t他好\t他好\n3\t天气泠\t天气令\n", encoding="utf-8")
    capsys.readouterr()
    assert run("m2", "hyp.tsv", "-o", "-") == 0
    (files / "hyp.m2").write_text(capsys.readouterr().out, encoding="utf-8")
    found = []
    for references in ("refs.tsv", "refs.m2"):
        for hypotheses in ("hyp.txt", "hyp.tsv", "hyp.m2"):
            arguments = ("--references", references, "--hypotheses", hypotheses, "--json")
            assert run("score", "cherrant", *arguments) == 0
            document = json.loads(capsys.readouterr().out)
            found.append((document["tp"], document["fp"], document["fn"], document["by_type"]))
    assert all(one == found[0] for one in found)


def test_options_of_the_comparison(files, capsys):
    expected = {
        ("--unit", "ds"): (2, 0, 0),
        ("--size", "multi"): (0, 0, 0),
        ("--without", "S"): (0, 0, 0),
        ("--only-references", "2"): (0, 0, 0),
        ("--start", "2"): (0, 1, 1),
        ("--end", "1"): (1, 0, 0),
        ("--max-annotators", "1"): (1, 1, 1),
        ("--first", "--keep-traditional"): (1, 1, 1),
    }
    for options, counts in expected.items():
        assert run(*CHERRANT, "--json", *options) == 0
        document = json.loads(capsys.readouterr().out)
        assert (document["tp"], document["fp"], document["fn"]) == counts, options


def test_m2_to_standard_output(files):
    result = subprocess.run(
        [sys.executable, "-m", "gaprelm", "m2", "refs.tsv"], capture_output=True, check=True, env=os.environ
    )
    assert result.stdout.decode().startswith("S 我 再 家\nT0-A0 我 在 家\nA 1 2|||S|||在|||REQUIRED|||-NONE-|||0\n\n")


def test_sighan(files, capsys):
    assert run(*SIGHAN, "--json") == 0
    official = json.loads(capsys.readouterr().out)
    assert official["false_positive_rate"] == 0.0
    assert official["detection"] == {"accuracy": 1.0, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert official["correction"] == {"accuracy": 0.6667, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    (files / "pairs.tsv").write_text("1\t我再家\t我在家\n2\t他好\t他好\n3\t天气泠\t天气冷\n", encoding="utf-8")
    texts = ("score", "sighan", "--references", "pairs.tsv", "--hypotheses", "hyp.txt")
    assert run(*texts, "--json") == 0
    assert json.loads(capsys.readouterr().out) == official
    assert run(*texts, "--json", "--definition", "sentence", "--compare", "other.txt") == 0
    strict = json.loads(capsys.readouterr().out)
    assert strict["correction"]["precision"] == 0.5
    assert strict["compare"]["other"]["correction"]["precision"] == 1.0
    assert run(*texts, "--definition", "character") == 0
    assert "metric:spelling|level:character" in capsys.readouterr().out
    assert run(*texts, "--definition", "pycorrector", "--compare", "other.txt") == 0
    assert "metric:spelling|definition:pycorrector" in capsys.readouterr().out
    assert run(*SIGHAN, "--year", "2013", "--json") == 0
    # Sub-task 2 of 2013 passes over the line without a correction.
    assert json.loads(capsys.readouterr().out)["correction"] == {"accuracy": 0.5, "precision": 0.5}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*CHERRANT[:-1], "nothing.txt"), "nothing.txt: no such file"),
        ((*CHERRANT, "--beta", "0"), "beta 0.0; expected a number above 0, up to 1000"),
        ((*CHERRANT, "--resources", "nowhere"), "fetch both with: gaprelm resources nowhere"),
        ((*CHERRANT[:-1], "truth.txt", "--end", "2"), None),
        (("score", "sighan", "--truth", "truth.txt"), "needs --truth and --results, or --references and --hypotheses"),
        (
            ("score", "sighan", "--references", "refs.tsv", "--hypotheses", "hyp.txt"),
            "sentence 2 has several references",
        ),
        ((*CHERRANT, "--start", "5"), "no sentence is left to be scored"),
        ((*CHERRANT[:-1], "bom.txt"), "bom.txt: no sentence in it"),
        ((*SIGHAN[:-1], "blank.txt"), "blank.txt: no line with an id"),
        ((*SIGHAN, "--task", "1"), "only 2013 has sub-tasks"),
        (("m2", "refs.tsv", "-o", "."), ".: is a directory"),
        (("m2", "refs.tsv", "-o", "hyp.txt/x.m2"), "hyp.txt: File exists"),
        (
            ("score", "cherrant", "--references", "gap.tsv", "--hypotheses", "hyp.txt"),
            "gap.tsv:2: found an empty reference",
        ),
        (("m2", "refs.m2"), "is an M2 file already"),
        (("resources", "out", "--from", "nowhere"), "cilin.txt: no such file"),
    ],
)
def test_bad_input_is_one_message(files, arguments, message, capsys):
    (files / "refs.m2").write_text("S 我\nA 0 1|||S|||你|||REQUIRED|||-NONE-|||0\n", encoding="utf-8")
    (files / "bom.txt").write_bytes(b"\xef\xbb\xbf")
    (files / "blank.txt").write_text("\n \n")
    (files / "gap.tsv").write_text("1\t我\t你\t\n2\t我\t\t你\n", encoding="utf-8")
    code = run(*arguments)
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    if message:
        assert code == 2
        assert message in output.err
        assert output.out == ""


def test_scoring_starts_without_the_libraries_of_training(files):
    code = (
        "import sys; from gaprelm.cli import main as cli; cli.main(sys.argv[1:]); "
        "heavy = [name for name in ('torch', 'transformers', 'pandas', 'pyarrow') if name in sys.modules]; "
        "print(heavy, file=sys.stderr)"
    )
    for arguments in (CHERRANT, SIGHAN, ("m2", "refs.tsv")):
        result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert result.stderr.endswith("[]\n"), result.stderr
