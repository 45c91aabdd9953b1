"""The command line: line for line, byte for byte, exit codes that scripts can trust."""

import json
import os
import signal
import subprocess
import sys

import pytest

from gaprelm.cli import main as cli
from gaprelm.cli.interrupts import LeavingAtOnce
from gaprelm.errors import run_command
from tests import warm


def gaprelm(*arguments, text=b""):
    return subprocess.run(
        [warm.python(), "-m", "gaprelm", *map(str, arguments)], input=text, capture_output=True, check=False
    )


TEXT = "我今天去学校。\r\n\n  全角Ａ😀\u2028x\n最后一行".encode()


def test_lines_come_back_as_they_are(model_dir, tmp_path):
    quiet = gaprelm("correct", "--model", model_dir, "--threshold", "1", text=TEXT)
    assert quiet.returncode == 0, quiet.stderr.decode()
    assert quiet.stdout == TEXT
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT)
    eager = gaprelm("correct", "--model", model_dir, "--threshold", "0", path)
    assert eager.stdout.count(b"\n") == TEXT.count(b"\n")
    assert eager.stdout != TEXT


def test_a_closed_standard_input_is_empty(model_dir):
    command = f"{sys.executable} -m gaprelm correct --model {model_dir} <&-"
    done = subprocess.run(command, shell=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()


def test_a_fault_of_the_program_is_no_warning(capsys):
    def main():
        raise ZeroDivisionError

    assert run_command(main) == 70
    assert "Traceback" in capsys.readouterr().err


def test_jsonl(model_dir):
    result = gaprelm("correct", "--model", model_dir, "--format", "jsonl", "--threshold", "0", text=TEXT)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["source"] for row in rows] == ["我今天去学校。", "", "  全角Ａ😀\u2028x", "最后一行"]
    for row in rows:
        assert set(row) == {"source", "target", "edits"}
        target, shift = row["source"], 0
        for edit in row["edits"]:
            assert set(edit) == {"start", "end", "source", "target", "type", "confidence"}
            assert row["source"][edit["start"] : edit["end"]] == edit["source"]
            target = target[: edit["start"] + shift] + edit["target"] + target[edit["end"] + shift :]
            shift += len(edit["target"]) - len(edit["source"])
        assert target == row["target"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["correct", "--model", "nowhere"], "nowhere: no such directory"),
        (["correct", "--model", "nowhere", "missing.txt"], "missing.txt: no such file"),
        (["correct", "--model", "nowhere", "--threshold", "much"], "--threshold much; expected a number"),
        (["correct", "--model", "nowhere", "--threshold", "swap=0.5"], "expected a number from 0 to 1, or TYPE=NUMBER"),
    ],
)
def test_bad_input_ends_with_two(arguments, message, capsys):
    assert run_command(lambda: cli.main(arguments)) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert "Traceback" not in output.err
    assert output.out == ""


def test_bad_usage_ends_with_two():
    result = gaprelm("correct", "--modle", "x")
    assert result.returncode == 2
    assert b"usage" in result.stderr


def test_text_that_is_not_utf8_is_named(model_dir):
    result = gaprelm("correct", "--model", model_dir, text="好\n".encode() + b"\xff\n")
    assert result.returncode == 2
    assert b"standard input:2: found byte 0xff" in result.stderr


def test_interrupt():
    def interrupted():
        raise KeyboardInterrupt

    assert run_command(interrupted) == 130


@pytest.mark.parametrize(
    ("redirection", "message"),
    [
        (">&-", "standard output is closed, so the output is lost"),
        (">/dev/full", "No space left on device: 'standard output'"),
        ("1</dev/null", "Bad file descriptor: 'standard output'"),
    ],
)
def test_output_that_is_lost_is_no_success(redirection, message):
    command = f"{sys.executable} -m gaprelm --help {redirection}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_an_interrupt_before_the_work_ends_in_silence():
    """Ctrl-C inside an import would show where Python was; nothing of the package may take long before it counts."""
    code = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "gaprelm.cli.main":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from gaprelm.__main__ import entry
assert not {"argparse", "contextlib", "pathlib", "re", "typing"} & set(sys.modules)
entry()
"""
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_interrupt_while_a_model_is_loaded(monkeypatch):
    left = []
    monkeypatch.setattr(os, "_exit", left.append)
    with LeavingAtOnce():
        signal.raise_signal(signal.SIGINT)
    assert left == [130]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_the_parser_of_all_commands_is_there_at_once():
    """What is slow to import is imported by the command that needs it."""
    slow = {"torch", "transformers", "pandas", "pyarrow", "numpy", "pypinyin", "yaml", "onnxruntime"}
    code = f"import sys; from gaprelm.cli.main import _parser; _parser(); print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
