"""Standard input in place of a file, for the commands that read their files more than once."""

import io
import json
import sys
from itertools import pairwise

import pytest

from gaprelm.cli import main as cli
from gaprelm.errors import run_command

PAIRS = "1\t我再家\t我在家\n2\t他好\t没有错误\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Runs a command with a text as standard input: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GAPRELM_RESOURCES", raising=False)
    for name, text in {
        "refs.tsv": PAIRS,
        "hyp.txt": "我在家\n他好\n",
        "truth.txt": "A, 2, 在\n",
        "list.txt": "他好\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def command(*arguments, text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        code = run_command(lambda: cli.main(arguments))
        sys.stdout.flush()
        out, error = capfd.readouterr()
        return code, out, error

    return command


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("check", "-", "--json"), "refs.tsv"),
        (("check", "refs.tsv", "--test", "-", "--json"), "refs.tsv"),
        (("score", "cherrant", "--references", "-", "--hypotheses", "hyp.txt"), "refs.tsv"),
        (("score", "cherrant", "--references", "refs.tsv", "--hypotheses", "-"), "hyp.txt"),
        (("score", "sighan", "--truth", "truth.txt", "--results", "-"), "truth.txt"),
        (("m2", "-"), "refs.tsv"),
        (("noise", "fit", "-", "-o", "-"), "refs.tsv"),
        (("noise", "fit", "refs.tsv", "--without", "-", "-o", "-"), "list.txt"),
    ],
)
def test_it_gives_what_a_file_gives(run, tmp_path, arguments, name):
    # "-" after -o is standard output.
    as_file = [name if one == "-" and before != "-o" else one for before, one in pairwise(("", *arguments))]
    of_file = run(*as_file, text="")
    code, out, error = run(*arguments, text=(tmp_path / name).read_text(encoding="utf-8"))
    assert (code, out.replace("standard input", name)) == of_file[:2], error
    assert out


def test_it_is_named_in_messages_and_only_once_on_the_command_line(run):
    code, out, _ = run("check", "-", "--format", "parallel", "--json", text="我\n")
    assert code == 2
    assert json.loads(out)["files"][0]["problems"]["shown"][0]["file"] == "standard input"
    code, _, error = run("score", "cherrant", "--references", "-", "--hypotheses", "-", text=PAIRS)
    assert code == 2
    assert "standard input (-) is named twice" in error
