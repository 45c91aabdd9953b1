"""Lines as they are, bad bytes by line and offset, files whole or not at all."""

import bz2
import gzip
import io
import lzma
import os
import sys
import threading
from pathlib import Path

import pytest

from gaprelm import textio
from gaprelm.errors import InputError
from gaprelm.pipes import keep
from gaprelm.textio import escaped, read_lines, read_utf8, replacing, unescaped, without_compression, write_text
from gaprelm.xz_files import open_xz


def lines(path):
    return [(line.number, line.text, line.problem and str(line.problem)) for line in read_lines(path)]


def test_only_line_feeds_end_a_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeff我\u2028们\x0b\x85\r\n\r\n😀\u3000".encode())
    assert lines(path) == [(1, "我\u2028们\x0b\x85", None), (2, "", None), (3, "😀\u3000", None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        # The time would be a part of the test's name.
        (gzip.compress(b"x", mtime=0), "gzip"),
        ("我".encode("utf-16"), "UTF-16"),
    ],
)
def test_files_that_are_no_text(tmp_path, content, message):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        lines(path)


def test_missing_files_and_directories(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        lines(tmp_path / "nothing")
    with pytest.raises(InputError, match="is a directory"):
        lines(tmp_path)


def test_a_bad_byte_is_the_problem_of_its_line_only(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("好\n".encode() + b"\xe5\xa5x\n" + "天气\n".encode("gb18030") + b"a\0b\n")
    first, broken, chinese, nul = lines(path)
    assert first == (1, "好", None)
    assert ":2: found byte 0xe5 at offset 0" in broken[2]
    assert "gb18030" in chinese[2]
    assert "NUL" in nul[2]


def test_compressed_files_are_read_by_their_extension(tmp_path):
    content = "\ufeff我\r\n们\n".encode()
    for suffix, packed in ((".gz", gzip.compress(content)), (".xz", lzma.compress(content))):
        path = tmp_path / f"a.txt{suffix}"
        path.write_bytes(packed)
        assert [text for _, text, _ in lines(path)] == ["我", "们"]
        path.write_bytes(packed[:-6])
        with pytest.raises(InputError, match=r"a\.txt\.[gx]z: found .*; expected \.[gx]z data to its end"):
            lines(path)
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"expected \.[gx]z data to its end"):
            lines(path)
        assert without_compression(path) == tmp_path / "a.txt"


_ONE, _TWO = (lzma.compress(text.encode()) for text in ("我\n", "们\n"))
# A dictionary of 4 GiB, in the older form, which has no checksum of its head.
_LARGE = b"\x5d" + b"\xff" * 4 + lzma.compress("我\n".encode(), lzma.FORMAT_ALONE)[5:]


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (_ONE + _TWO, ["我", "们"]),
        (_ONE + b"\0" * 4 + _TWO, ["我", "们"]),
        (_ONE + b"\0" * 200_000 + _TWO + b"\0" * 8, ["我", "们"]),
        (_ONE + b"\0" * 3, "padding that is cut off"),
        (_ONE + b"not a stream", "Input format not supported"),
        (_ONE + _TWO[:5], "cut off"),
        (_ONE + _TWO[:-5], "cut off"),
        (_LARGE, r"ask for more than 512 MiB; .*\n  cure: decompress it"),
    ],
)
def test_nothing_of_an_xz_file_is_left_out_without_a_word(tmp_path, packed, expected):
    path = tmp_path / "a.txt.xz"
    path.write_bytes(packed)
    if isinstance(expected, list):
        assert [text for _, text, _ in lines(path)] == expected
    else:
        with pytest.raises(InputError, match=expected):
            lines(path)


def test_an_xz_file_can_be_read_from_another_place(tmp_path):
    content = bytes(range(256)) * 1000
    path = tmp_path / "a.xz"
    path.write_bytes(lzma.compress(content[:1000]) + lzma.compress(content[1000:]))
    with open_xz(path) as stream:
        assert stream.read(20) == content[:20]
        for place in (3, 200_000, 500):
            assert stream.seek(place) == place
            assert stream.read(300) == content[place : place + 300]
        assert stream.read() == content[800:]
        assert stream.seek(1 << 30) == len(content)


@pytest.mark.parametrize(
    ("name", "start", "message"),
    [
        ("a.txt.bz2", bz2.compress("我".encode()), "a.txt.bz2: found bzip2-compressed bytes; .*\n  cure: .* bunzip2"),
        ("a.txt.zst", b"\x28\xb5\x2f\xfd\x04", "found zstd-compressed bytes"),
        ("a.zip", b"PK\x03\x04\x14", "found a zip archive"),
        ("a.docx", b"PK\x03\x04\x14", r"\.docx and \.xlsx are such archives too"),
        ("a.pdf", b"%PDF-1.7\n", "found a PDF document"),
        ("a.gz.gz", gzip.compress(gzip.compress(b"x")), "a.gz.gz:1: found gzip-compressed bytes"),
    ],
)
def test_archives_and_documents_are_named(tmp_path, name, start, message):
    (tmp_path / name).write_bytes(start)
    with pytest.raises(InputError, match=message):
        lines(tmp_path / name)


def test_standard_input_and_pipes_can_be_read_again(tmp_path, monkeypatch):
    content = "我\n们\n".encode()
    for packed in (content, b"\xef\xbb\xbf" + content, gzip.compress(content), lzma.compress(content)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed)))
        (name,) = keep(["-"])
        first, second = iter(read_lines(Path(name))), iter(read_lines(Path(name)))
        assert [next(first).text, next(second).text, next(first).text, next(second).text] == ["我", "我", "们", "们"]
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"x\x00\n",))
    writer.start()
    (name,) = keep([str(tmp_path / "pipe")])
    writer.join()
    assert [lines(Path(name)), lines(Path(name))] == [
        [(1, "x\0", f"{name}:1: found a NUL byte at offset 1 of the line; expected text")]
    ] * 2
    with pytest.raises(InputError, match=r"standard input .* is named twice"):
        keep(["-", "-"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(InputError, match="standard input: the file is empty"):
        lines(Path(*keep(["-"])))


def test_an_encoding_is_named_only_where_it_fits(tmp_path):
    path = tmp_path / "a.txt"
    for encoding, text in (("gb18030", "今天天气很好，我们去公园玩。"), ("big5", "今天天氣很好，我們去公園玩。")):
        path.write_bytes(text.encode(encoding))
        assert f"iconv -f {encoding} -t UTF-8" in lines(path)[0][2]
    path.write_bytes("今天天气".encode() + b"\xe6")
    assert "iconv" not in lines(path)[0][2]


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def interrupted():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_links_and_devices_stay_what_they_are(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    write_text(Path("/dev/null"), "nothing")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(InputError, match="is a directory"):
        write_text(tmp_path, "x")


def test_a_new_file_is_as_private_as_the_old_one_from_its_first_byte_on(tmp_path):
    path, victim = tmp_path / "a.txt", tmp_path / "victim"
    path.write_text("old")
    path.chmod(0o440)
    victim.write_text("precious")
    (tmp_path / f".a.txt.{os.getpid()}.tmp").symlink_to(victim)  # planted by another user
    with replacing(path) as temporary:
        assert temporary.stat().st_mode & 0o777 == 0o640
        temporary.write_text("new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o440)
    assert victim.read_text() == "precious"


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(textio, "_MOST_IN_LINE", 1 << 20)
    path = tmp_path / "a.txt.gz"
    longest = b"x" * (1 << 20)
    path.write_bytes(gzip.compress(longest + b"\r\n" + longest + b"\n" + longest))
    assert [len(line.text) for line in read_lines(path)] == [1 << 20] * 3
    for more in (b"x\n", b"x", b"x\r\n", b"xxxx", b"\r\r\n"):
        path.write_bytes(gzip.compress(b"x\n" + longest + more))
        with pytest.raises(InputError, match=r"a\.txt\.gz:2: found a line of more than 1 MiB; .*\n  cure: break"):
            list(read_lines(path))


@pytest.mark.parametrize("content", ["我\r\n\r\n们\r", "a\r\r\n", "\ufeff我\n\n", "\r", "\n"])
def test_a_text_is_its_lines(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode())
    assert read_utf8(path) == "\n".join(text for _, text, _ in lines(path))
    path.write_bytes(content.encode() + b"\n\xff")
    with pytest.raises(InputError, match=r"a\.txt:\d: found byte 0xff"):
        read_utf8(path)


def test_a_full_disk_is_named(tmp_path):
    def no_room():
        with replacing(tmp_path / "a.txt"):
            os.write(os.open("/dev/full", os.O_WRONLY), b"x")

    with pytest.raises(OSError, match=r"No space left on device: '.*a\.txt'"):
        no_room()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["我\n家\t里\r看\r\n书", "\\n \\\\t \\\n\\", "", "\\"])
def test_a_field_of_a_table(text):
    assert not set(escaped(text)) & set("\n\r\t")
    assert unescaped(escaped(text)) == text
