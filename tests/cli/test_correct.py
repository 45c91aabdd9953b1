"""``gaprelm correct``: formats, options, awkward text; with a model that is told what to say."""

import bz2
import gzip
import io
import json
import lzma
import os
import sys

import pytest

from gaprelm import Corrector
from gaprelm.cli import input_lines
from gaprelm.cli import main as cli
from gaprelm.errors import run_command
from tests.correction.control.stubs import Noisy, Scripted

LOW = {"replace": 0.5, "insert": 0.5, "delete": 0.5}
SCRIPT = {
    "我再家看书。": [(1, 2, "在", 0.9), (3, 3, "里", 0.6)],
    "他在在学校。": [(1, 2, "", 0.8)],
    "我价里": [(1, 2, "家", 0.9), (2, 3, "离", 0.9)],
}


@pytest.fixture
def model(monkeypatch):
    """Puts a model in the place of the one that would be loaded."""

    def use(proposer):
        def loaded(directory, *, control, **rest):
            return Corrector(proposer, LOW, control)

        monkeypatch.setattr(Corrector, "from_pretrained", loaded)
        monkeypatch.setattr("gaprelm.cli.commands.correct.weights_hash", lambda name: "")

    use(Scripted(SCRIPT))
    return use


@pytest.fixture
def correct(model, monkeypatch, capfdbinary):
    """Runs the command in this process: exit code, standard output and standard error."""

    def run(*arguments, text=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        code = run_command(lambda: cli.main(["correct", "--model", "m", *map(str, arguments)]))
        sys.stdout.flush()
        out, error = capfdbinary.readouterr()
        return code, out, error.decode()

    return run


TEXT = "我再家看书。\r\n\n他在在学校。\n好".encode()


def test_text(correct):
    assert correct(text=TEXT) == (0, "我在家里看书。\r\n\n他在学校。\n好".encode(), "")
    assert correct("-", text=TEXT)[1] == correct(text=TEXT)[1]


def test_jsonl(correct):
    rows = [json.loads(row) for row in correct("--format", "jsonl", text=TEXT)[1].splitlines()]
    assert [row["target"] for row in rows] == ["我在家里看书。", "", "他在学校。", "好"]
    assert rows[2]["edits"] == [
        {"start": 1, "end": 2, "source": "在", "target": "", "type": "delete", "confidence": 0.8}
    ]


def test_tsv(correct, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT)
    rows = [row.split("\t") for row in correct("--format", "tsv", path)[1].decode().splitlines()]
    assert rows == [
        ["file", "line", "start", "end", "type", "source", "target", "confidence"],
        [str(path), "1", "1", "2", "replace", "再", "在", "0.9000"],
        [str(path), "1", "3", "3", "insert", "", "里", "0.6000"],
        [str(path), "3", "1", "2", "delete", "在", "", "0.8000"],
    ]
    assert correct("--format", "tsv", text="好\n".encode())[1].count(b"\n") == 1


def test_a_name_cannot_break_the_table(correct, tmp_path):
    path = tmp_path / "a\tb.txt"
    path.write_bytes(TEXT)
    rows = correct("--format", "tsv", path)[1].decode().splitlines()
    assert [row.count("\t") for row in rows] == [7, 7, 7, 7]
    assert rows[1].split("\t")[0] == str(path).replace("\t", "\\t")


def test_awkward_names(correct, tmp_path, monkeypatch):
    """A file that is called - is not standard input, and names need not be UTF-8."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-").write_bytes(b"\xff\n")
    assert correct("-", text=TEXT)[:2] == (0, "我在家里看书。\r\n\n他在学校。\n好".encode())
    name = os.fsdecode(b"b\xff.txt")
    try:
        (tmp_path / name).write_bytes(TEXT)
    except OSError:
        pytest.skip("names of files are UTF-8 here")
    assert correct(name, "-o", "out")[0] == 0
    assert (tmp_path / "out").read_bytes().startswith("我在家里".encode())


def test_diff(correct):
    text = TEXT + "\n我价里\n".encode()
    plain = "-:1: 我[-再-]{+在+}家{+里+}看书。\n-:3: 他[-在-]在学校。\n-:5: 我[-价里-]{+家离+}\n"
    assert correct("--format", "diff", text=text)[1].decode() == plain
    coloured = correct("--format", "diff", "--color", "always", text=text)[1].decode()
    assert "-:3:\x1b[0m 他\x1b[31m[-在-]\x1b[0m在学校。\n" in coloured


@pytest.mark.parametrize(
    ("terminal", "choice", "environment", "coloured"),
    [
        (True, "auto", {}, True),
        (False, "auto", {}, False),
        (True, "auto", {"NO_COLOR": "1"}, False),
        (True, "auto", {"NO_COLOR": ""}, True),
        (True, "auto", {"TERM": "dumb"}, False),
        (True, "never", {}, False),
        (True, "always", {"NO_COLOR": "1"}, True),
    ],
)
def test_colour(correct, monkeypatch, terminal, choice, environment, coloured):
    monkeypatch.setattr("gaprelm.cli.commands.correct.is_terminal", lambda: terminal)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (b"\x1b[" in correct("--format", "diff", "--color", choice, text=TEXT)[1]) is coloured


@pytest.mark.parametrize(
    ("terminals", "arguments", "bar"),
    [
        ("", ["a.txt"], False),
        ("err", ["a.txt"], True),
        ("err out", ["a.txt"], False),  # results go to the same terminal
        ("err out", ["a.txt", "-o", "b.txt"], True),
        ("err", [], True),  # of unknown length
    ],
)
def test_progress(model, tmp_path, monkeypatch, terminals, arguments, bar):
    class Stream(io.TextIOWrapper):
        def isatty(self):
            return self.seen in terminals.split()

    streams = {"out": Stream(io.BytesIO()), "err": Stream(io.BytesIO())}
    for name, stream in streams.items():
        stream.seen = name
        monkeypatch.setattr(sys, f"std{name}", stream)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT)))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_bytes(TEXT)
    assert cli.main(["correct", "--model", "m", *arguments]) == 0
    streams["err"].flush()
    assert (b"/s]" in streams["err"].buffer.getvalue()) is bar


def test_a_diff_cannot_steer_the_terminal(correct, model):
    model(Scripted({"再\x1b[2J\u202e家\t好": [(0, 1, "在", 0.9)]}))
    out = correct("--format", "diff", text="再\x1b[2J\u202e家\t好\n".encode())[1].decode()
    assert out == "-:1: [-再-]{+在+}\\x1b[2J\\u202e家\t好\n"


@pytest.mark.parametrize(
    ("options", "files", "target"),
    [
        (["--threshold", "insert=0.7"], {}, "我在家看书。"),
        (["--threshold", "0.95", "--threshold", "insert=0.1"], {}, "我再家里看书。"),
        (["--min-confidence", "0.7"], {}, "我在家看书。"),
        (["--without", "insert,replace"], {}, "我再家看书。"),
        (["--max-insert", "0"], {}, "我在家看书。"),
        (["--max-insert-ratio", "0.1"], {}, "我在家看书。"),
        (["--editable", "punctuation"], {}, "我再家看书。"),
        (["--protect", "terms"], {"terms": "看书\n再家\r\n\n"}, "我再家里看书。"),
        (["--protect", "a", "--protect", "b"], {"a": "我再\n", "b": "家看\n"}, "我再家看书。"),
        (["--protect", "none"], {"none": ""}, "我在家里看书。"),
        (["--protect-pattern", "[再载]", "--protect-pattern", "x"], {}, "我再家里看书。"),
        (["--confusions", "table"], {"table": "never\t再\t在\nalways\t书\t报\n"}, "我再家看报。"),
        (["--confusions", "table"], {"table": "\nnever\t再\t在\n"}, "我再家里看书。"),
        (["--control", "c"], {"c": '{"switched_off": ["insert"], "max_rounds": 2}'}, "我在家看书。"),
        (["--control", "c", "--without", "replace"], {"c": '{"switched_off": ["insert"]}'}, "我再家里看书。"),
        (["--control", "c", "--threshold", "replace=0.99"], {"c": '{"thresholds": {"insert": 0.7}}'}, "我再家看书。"),
        (["--rounds", "3", "--by-sentence"], {}, "我在家里看书。"),
    ],
)
def test_options(correct, tmp_path, monkeypatch, options, files, target):
    monkeypatch.chdir(tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode())
    assert correct(*options, text="我再家看书。\n".encode()) == (0, f"{target}\n".encode(), "")


@pytest.mark.parametrize(
    ("options", "files", "message"),
    [
        (["--protect", "none"], {}, "none: no such file"),
        (["--protect", "t"], {"t": b"\xff\n"}, "t:1: found byte 0xff"),
        (["--confusions", "t"], {"t": b"\nalways\ta\n"}, "t:2: found 'always\\ta'; expected always or never"),
        (["--protect-pattern", "("], {}, "control option protect_patterns: found '('; expected a regular expression"),
        (["--editable", "han,kana"], {}, "control option editable: found 'kana'; expected some of"),
        (["--control", "t"], {"t": b"{"}, "t is not JSON"),
        (["--control", "t"], {"t": b"[]"}, "t: found list []; expected an object"),
        (["--control", "t"], {"t": b'{"rounds": 2}'}, "control option 'rounds' is unknown"),
        (["--min-confidence", "2"], {}, "control option min_confidence: found float 2.0"),
        (["missing.txt"], {}, "missing.txt: no such file"),
        (["."], {}, ".: is a directory"),
        (["-o", "."], {}, ".: is a directory"),
        (["-", "-"], {}, "standard input (-) is named twice"),
        (["--max-insert-ratio", "inf"], {}, "control option max_insert_ratio: found float inf"),
        (
            ["--control", "t", "--threshold", "0.5"],
            {"t": b'{"thresholds": [1]}'},
            "control option thresholds: found list",
        ),
        (["--control", "t"], {"t": b"[" * 100_000}, "t is not JSON"),
        (["-o", "t/out"], {"t": b"x"}, "t: is not a folder"),
    ],
)
def test_bad_options_end_with_two_before_anything_is_written(correct, tmp_path, monkeypatch, options, files, message):
    monkeypatch.chdir(tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    code, out, error = correct(*options, text="我再家看书。\n".encode())
    assert (code, out) == (2, b"")
    assert f"error: {message}" in error
    assert "Traceback" not in error


def test_every_byte_comes_back(correct, model, tmp_path):
    """Of a model that proposes nothing, and of one that does for all that is no edit."""
    awkward = (
        "\ufeff我\r\n\r\n\n\t \u3000\n全角Ａ１，,\n\u2028\u2029\x85\x0b\x0c\x1c\n\0\x01\x1b\x7f\n"
        "一\r二\r\n😀🏳️‍🌈é𠀀\n最后"
    ).encode()
    assert correct(text=awkward)[:2] == (0, awkward)
    path = tmp_path / "a.txt"
    path.write_bytes(awkward)
    assert correct(path, "-o", tmp_path / "b.txt")[:2] == (0, b"")
    assert (tmp_path / "b.txt").read_bytes() == awkward
    model(Noisy(share=1.0))
    code, out, _ = correct("--threshold", "0", text=awkward)
    assert (code, out.count(b"\n")) == (0, awkward.count(b"\n"))
    assert out.startswith(b"\xef\xbb\xbf")
    assert [bytes([b]) for b in out if b < 0x20 or b == 0x7F] == [bytes([b]) for b in awkward if b < 0x20 or b == 0x7F]


def test_files_are_joined_line_for_line(correct, tmp_path):
    for name, content in (("a", "我再家看书。"), ("b", ""), ("c", "他在在学校。\n"), ("d", "好")):
        (tmp_path / name).write_bytes(content.encode())
    names = [tmp_path / name for name in "abcd"]
    assert correct(*names)[1] == "我在家里看书。\n他在学校。\n好".encode()


def test_nothing_in_nothing_out(correct, tmp_path):
    assert correct(text=b"") == (0, b"", "")
    (tmp_path / "empty").write_bytes(b"")
    for name in ("text", "jsonl", "diff"):
        assert correct("--format", name, tmp_path / "empty") == (0, b"", "")


BAD = "我再家看书。\n".encode() + b"\xd6\xd0\n" + "好".encode()


def test_what_is_no_utf8_is_an_error_before_the_first_line(correct, tmp_path):
    path = tmp_path / "gbk.txt"
    path.write_bytes(BAD)
    code, out, error = correct(path)
    assert (code, out) == (2, b"")
    assert f"{path}:2: found byte 0xd6 at offset 0 of the line" in error
    assert "iconv -f gb18030 -t UTF-8" in error
    assert correct(text=BAD)[0] == 2


def test_compressed_files(correct, tmp_path):
    """They come out as the text in them does."""
    for suffix, pack in ((".gz", gzip.compress), (".xz", lzma.compress)):
        path = tmp_path / f"a.txt{suffix}"
        path.write_bytes(pack(TEXT))
        assert correct(path)[:2] == (0, correct(text=TEXT)[1])
        path.write_bytes(pack(TEXT)[:-5])
        code, out, error = correct(path)
        assert (code, out) == (2, b"")
        assert f"expected {suffix} data to its end" in error
        with pytest.raises(SystemExit, match="2"):  # of the parser: the output would not be compressed
            correct("-o", path, text=TEXT)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lambda text: b"PK\x03\x04" + text])
def test_archives_are_no_text_even_if_bad_lines_are_kept(correct, tmp_path, pack):
    path = tmp_path / "a.txt"
    path.write_bytes(pack(TEXT))
    for code, out, error in (
        correct(path),
        correct("--on-bad-line", "keep", path),
        correct("--on-bad-line", "keep", text=pack(TEXT)),
    ):
        assert (code, out) == (2, b"")
        assert "compressed bytes" in error or "a zip archive" in error


def test_what_is_no_utf8_can_be_kept(correct, caplog):
    code, out, _ = correct("--on-bad-line", "keep", text=BAD)
    assert (code, out) == (1, "我在家里看书。\n".encode() + b"\xd6\xd0\n" + "好".encode())
    assert "lines that are not UTF-8 and were left as they are: 1" in caplog.text
    rows = [json.loads(r) for r in correct("--on-bad-line", "keep", "--format", "jsonl", text=BAD)[1].splitlines()]
    assert [row["source"] for row in rows] == ["我再家看书。", "\ufffd\ufffd", "好"]


def test_many_short_lines(correct, model):
    """The command itself takes little time and no line is lost."""
    model(Noisy(share=0.02))
    lines = [f"{'我在家看书学校'[i % 7 :]}{i}\n" for i in range(100_000)]
    code, out, _ = correct("--threshold", "0.9", text="".join(lines).encode())
    rest = [line.rstrip("\n")[-5:].strip("我在家看书学校的地再，。") for line in lines]
    found = [line[-5:].strip("我在家看书学校的地再，。") for line in out.decode().split("\n")]
    assert code == 0
    assert found == [*rest, ""]


@pytest.mark.parametrize("between", ["，我在家看书。", "家"])
def test_a_line_of_two_megabytes(correct, model, between):
    model(Noisy(share=0.001, max_length=126))
    line = (between * (2_000_000 // len(between.encode())) + "\n").encode()
    code, out, _ = correct("--threshold", "0.5", text=line)
    assert code == 0
    assert out.count(b"\n") == 1
    assert abs(len(out) - len(line)) < 10_000


def test_line_by_line(model, monkeypatch):
    """A co-process gets its answer before it writes the next line."""
    asked = []

    class Conversation(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            asked.append(sys.stdout.buffer.getvalue().count(b"\n"))
            line = "我再家看书。\n".encode() if len(asked) <= 3 else b""
            buffer[: len(line)] = line
            return len(line)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Conversation(), 19)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    assert cli.main(["correct", "--model", "m", "--line-buffered"]) == 0
    assert asked[:3] == [0, 1, 2]


def test_minus_is_standard_output(correct, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert correct("-o", "-", text=TEXT)[:2] == correct(text=TEXT)[:2]
    assert list(tmp_path.iterdir()) == []


def test_a_bad_line_says_how_to_convert_it(correct):
    code, _, error = correct(text="我在家看书。\n".encode("gb18030"))
    assert code == 2
    assert "convert with iconv -f gb18030 -t UTF-8" in error


def test_bad_options_of_a_file_are_told_with_its_name(correct, tmp_path):
    (tmp_path / "c.json").write_text('{"without": ["insert"]}', encoding="utf-8")
    code, _, error = correct("--control", tmp_path / "c.json", text=TEXT)
    assert code == 2
    assert "c.json" in error


def test_blanks_around_protected_words_do_not_count(correct, tmp_path):
    (tmp_path / "terms.txt").write_text("我再家 \n \n", encoding="utf-8")
    assert correct("--protect", tmp_path / "terms.txt", text="我再家看书。".encode())[1] == "我再家里看书。".encode()


def test_a_line_that_would_fill_the_memory_is_refused(correct, monkeypatch, tmp_path):
    monkeypatch.setattr(input_lines, "MOST_IN_LINE", 1 << 20)
    path = tmp_path / "a.txt"
    for end in (b"", b"\n", b"\r\n"):
        path.write_bytes(b"x\n" + b"x" * (1 << 20) + end)
        assert correct(path)[:2] == (0, path.read_bytes())
        path.write_bytes(b"x\n" + b"x" * (1 << 20) + b"x" + end)
        code, _, error = correct("--on-bad-line", "keep", path)
        assert code == 2
        assert f"{path}:2: found a line of more than 1 MiB" in error


def test_the_disk_of_standard_output_is_named(correct):
    code, _, error = correct("-o", "/dev/full", text="我再家看书。\n".encode())
    assert code == 2
    assert "No space left on device: '/dev/full'" in error
