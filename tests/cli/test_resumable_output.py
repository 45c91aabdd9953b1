"""Long runs: killed or interrupted, they go on where they were, to the same bytes."""

import errno
import fcntl
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gaprelm.cli import main as cli
from gaprelm.cli.resumable_output import ResumableOutput
from gaprelm.errors import InputError
from tests.conftest import SENTENCES

LINES = 1500


@pytest.fixture(scope="module")
def long_text(tmp_path_factory):
    """Different lines, more than a model reads in a moment."""
    draw = random.Random(0)
    lines = ["".join(draw.sample(draw.choice(SENTENCES), 5)) + str(i) for i in range(LINES)]
    path = tmp_path_factory.mktemp("text") / "long.txt"
    path.write_text("\r\n".join(lines), encoding="utf-8", newline="")
    return path


def command(model_dir, *arguments):
    return ["correct", "--model", str(model_dir), "--threshold", "0.4", *map(str, arguments)]


def started(model_dir, *arguments, **streams):
    python = [sys.executable, "-m", "gaprelm", *command(model_dir, *arguments)]
    return subprocess.Popen(python, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **streams)


def wait_for(path, process):
    """Wait until the run has written its first lines."""
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(("output_format", "end"), [("text", signal.SIGKILL), ("tsv", signal.SIGINT)])
def test_a_run_that_was_ended_goes_on(model_dir, long_text, tmp_path, caplog, output_format, end):
    """kill -9 leaves no time to do anything; Ctrl-C gets a word of how to go on."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    arguments = ("--format", output_format, long_text, "-o")
    caplog.set_level("INFO")
    assert cli.main(command(model_dir, *arguments, whole)) == 0
    assert f"{whole}: {LINES} lines" in caplog.text
    first = started(model_dir, *arguments, out)
    journal = tmp_path / "out.part.json"
    wait_for(journal, first)
    first.send_signal(end)
    _, error = first.communicate(timeout=60)
    assert first.returncode == (130 if end == signal.SIGINT else -signal.SIGKILL)
    assert not out.exists()
    lines = json.loads(journal.read_text(encoding="utf-8"))["lines"]
    assert 0 < lines < LINES
    if end == signal.SIGINT:
        assert f"{lines} lines are done; the same command goes on from there\ninterrupted\n" in error.decode()
        assert b"Traceback" not in error
    with (tmp_path / "out.part").open("ab") as part:
        part.write(b"half a li")  # what was written after the last entry of the journal
    assert cli.main(command(model_dir, *arguments, out)) == 0
    assert f"going on after {lines} lines" in caplog.text
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "out", "whole"]


def test_interrupted_between_lines(model_dir):
    """What was answered stays answered, and nothing but a word is said."""
    process = started(model_dir, "--line-buffered", stdin=subprocess.PIPE)
    process.stdin.write("我今天去学校上课。\n".encode())
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert [line for line in error.splitlines() if b"calibration.json" not in line] == [b"interrupted"]


RUN = {"format": "text"}


def begun(path, lines=(b"a\n", b"b\n"), run=RUN):
    output = ResumableOutput(path, run, b"head\n")
    output.write([line.upper() for line in lines], lines)
    output._file.close()


def test_other_options_start_anew(tmp_path, caplog):
    begun(tmp_path / "out")
    caplog.set_level("INFO")
    output = ResumableOutput(tmp_path / "out", {"format": "tsv"}, b"new\n")
    assert output.lines_done == 0
    assert "begun with another model or other options: starting anew" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.part"], "the old journal does not hold any more"
    output.finish()
    assert (tmp_path / "out").read_bytes() == b"new\n"


def test_a_run_that_had_written_nothing_goes_on(tmp_path, caplog):
    """A diff of lines that did not change is empty."""
    caplog.set_level("INFO")
    first = ResumableOutput(tmp_path / "out", RUN)
    first.write([b"", b""], [b"a\n", b"b\n"])
    first._file.close()
    output = ResumableOutput(tmp_path / "out", RUN)
    assert output.lines_done == 2
    assert "another model" not in caplog.text
    output._file.close()


def test_a_file_that_was_finished_meanwhile_is_not_written_over(tmp_path, monkeypatch):
    first = ResumableOutput(tmp_path / "out", RUN)
    first.write([b"done\n"], [b"a\n"])
    lock = fcntl.flock

    def late(file, operation):
        monkeypatch.setattr(fcntl, "flock", lock)
        first.finish()  # between the other run's open and its lock
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    second = ResumableOutput(tmp_path / "out", RUN)
    assert (tmp_path / "out").read_bytes() == b"done\n"
    second.write([b"again\n"], [b"a\n"])
    second.finish()
    assert (tmp_path / "out").read_bytes() == b"again\n"


def test_who_may_read_the_file_stays_the_same(tmp_path):
    (tmp_path / "out").write_bytes(b"old")
    (tmp_path / "out").chmod(0o640)
    output = ResumableOutput(tmp_path / "out", RUN)
    output.finish()
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o640


def test_nobody_else_reads_the_beginnings_of_a_private_file(tmp_path):
    """OUT.part and its journal are as private as OUT from their first byte on, also where an earlier run left them."""
    (tmp_path / "out").write_bytes(b"old")
    (tmp_path / "out").chmod(0o400)
    (tmp_path / "out.part").write_bytes(b"left")
    output = ResumableOutput(tmp_path / "out", RUN)
    output.write([b"A\n"], [b"a\n"])
    files = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert files == {"out": 0o400, "out.part": 0o600, "out.part.json": 0o600}
    output.finish()
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o400


def test_a_beginning_has_the_permissions_of_the_whole_whatever_the_umask(tmp_path):
    (tmp_path / "out").write_bytes(b"old")
    (tmp_path / "out").chmod(0o664)
    before = os.umask(0o077)
    try:
        ResumableOutput(tmp_path / "out", RUN)
    finally:
        os.umask(before)
    assert (tmp_path / "out.part").stat().st_mode & 0o777 == 0o664


def test_a_beginning_of_somebody_else_is_refused(tmp_path, monkeypatch):
    """Its owner could hold it open, and read and change what becomes OUT."""
    part = tmp_path / "out.part"
    part.write_bytes(b"planted")
    monkeypatch.setattr(os, "geteuid", lambda: part.stat().st_uid + 1)
    with pytest.raises(InputError, match=r"out\.part is a file of somebody else\n  cure: "):
        ResumableOutput(tmp_path / "out", RUN)
    assert part.read_bytes() == b"planted"


def test_what_somebody_else_put_there_is_not_written(tmp_path):
    """A link or a second name would let the run write over another file."""
    victim, part = tmp_path / "victim", tmp_path / "out.part"
    victim.write_bytes(b"precious")
    for plant, what in (
        (part.symlink_to, "is a link"),
        (part.hardlink_to, "is a file with a second name"),
        (lambda _: os.mkfifo(part), "is not a regular file"),
    ):
        plant(victim)
        with pytest.raises(InputError, match=rf"out\.part.* {what}[^\n]*\n  cure: "):
            ResumableOutput(tmp_path / "out", RUN)
        part.unlink()
    (tmp_path / "out.part.json").symlink_to(victim)
    output = ResumableOutput(tmp_path / "out", RUN)
    (tmp_path / "out.part.json").symlink_to(victim)  # after the run began
    output.write([b"A\n"], [b"a\n"])
    output.finish()
    assert victim.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "victim"]


@pytest.mark.parametrize("full", ["part", "journal"])
def test_a_full_disk_is_named_and_no_line_is_said_to_be_done_too_many(tmp_path, monkeypatch, full):
    output = ResumableOutput(tmp_path / "out", RUN)
    output.write([b"A\n"], [b"a\n"])

    def no_room(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if full == "part":
        monkeypatch.setattr(os, "fsync", no_room)
    else:
        monkeypatch.setattr(Path, "write_bytes", no_room)
    with pytest.raises(InputError, match=r"out\.part: No space left on device\n  cure: see that there is room"):
        output.write([b"B\n"], [b"b\n"])
    monkeypatch.undo()
    assert output.lines_done == json.loads((tmp_path / "out.part.json").read_text(encoding="utf-8"))["lines"] == 1
    output._file.close()
    again = ResumableOutput(tmp_path / "out", RUN)
    again.write([b"B\n"], [b"b\n"])
    again.finish()
    assert (tmp_path / "out").read_bytes() == b"A\nB\n"


@pytest.mark.parametrize("place", [0, -1])
def test_a_changed_byte_of_what_was_written_starts_anew(tmp_path, caplog, place):
    """The length is as it was, and so is the input; what was not corrected would not come back byte for byte."""
    caplog.set_level("INFO")
    begun(tmp_path / "out")
    content = bytearray((tmp_path / "out.part").read_bytes())
    content[place] ^= 1
    (tmp_path / "out.part").write_bytes(content)
    output = ResumableOutput(tmp_path / "out", RUN, b"head\n")
    assert output.lines_done == 0
    assert "out.part is not as its run left it: starting anew" in caplog.text
    output.write([b"A\n", b"B\n"], [b"a\n", b"b\n"])
    output._file.close()
    again = ResumableOutput(tmp_path / "out", RUN, b"head\n")
    assert again.lines_done == 2
    again.write([b"C\n"], [b"c\n"])
    again.finish()
    assert (tmp_path / "out").read_bytes() == b"head\nA\nB\nC\n"


_SUM = '"input_sha256": "", "output_sha256": "", "run": {"format": "text"}'


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        '{"lines": 2}',
        "[]",
        None,
        *(f'{{"lines": {n}, "bytes": {n}, {_SUM}}}' for n in ('"2"', "-1", "true", "null", "[]")),
        '{"lines": 2, "bytes": 2, "input_sha256": [], "output_sha256": "", "run": {"format": "text"}}',
    ],
)
def test_a_journal_that_cannot_be_used_starts_anew(tmp_path, caplog, damage):
    caplog.set_level("INFO")
    begun(tmp_path / "out")
    if damage is None:
        (tmp_path / "out.part").write_bytes(b"head")
    else:
        (tmp_path / "out.part.json").write_text(damage)
    output = ResumableOutput(tmp_path / "out", RUN, b"head\n")
    assert output.lines_done == 0
    assert re.search(r"out\.part.*: starting anew", caplog.text)
    output.finish()
    assert (tmp_path / "out").read_bytes() == b"head\n"


@pytest.mark.parametrize("now", [(b"a\n", b"c\n"), (b"a\n",), ()])
def test_other_input_is_an_error(tmp_path, now):
    begun(tmp_path / "out")
    output = ResumableOutput(tmp_path / "out", RUN, b"head\n")
    for line in now:
        output.skipped(line)
    with pytest.raises(InputError, match=r"out\.part was begun with other input: its first 2 lines"):
        output.check_skipped(len(now))


def test_one_run_at_a_time(tmp_path):
    with (tmp_path / "out.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InputError, match=r"out\.part is being written by another run"):
            ResumableOutput(tmp_path / "out", RUN)


def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    output = ResumableOutput(tmp_path / "link", RUN)
    output.write([b"new\n"], [b"x\n"])
    assert (tmp_path / "real").read_bytes() == b"old"
    output.finish()
    assert (tmp_path / "real").read_bytes() == b"new\n"
    assert os.readlink(tmp_path / "link") == "real"
