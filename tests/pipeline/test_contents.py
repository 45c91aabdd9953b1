"""Files that users bring are known by their content."""

import json
import os

import pytest

from gaprelm.pipeline import contents
from gaprelm.pipeline.contents import Contents

LONG_AGO = 1_600_000_000


@pytest.fixture
def memory(tmp_path):
    return tmp_path / "state" / "contents.json"


def aged(path, text, seconds=LONG_AGO):
    """A new file, with a time of the past."""
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (seconds, seconds))
    return str(path)


def test_an_older_file_of_the_same_size_is_another_one(tmp_path, memory):
    path = aged(tmp_path / "a", "新的")
    first = Contents(memory).of([path])
    aged(tmp_path / "a", "旧的", LONG_AGO - 9)
    assert Contents(memory).of([path]) != first
    aged(tmp_path / "a", "新的", LONG_AGO + 9)
    assert Contents(memory).of([path]) == first == Contents(memory).of([aged(tmp_path / "b", "新的")])
    assert not memory.exists()  # small files are read each time


def test_number_and_order_count(tmp_path, memory):
    one, two = aged(tmp_path / "1", "一"), aged(tmp_path / "2", "二")
    orders = [one, two], [two, one], [one], [one, one], []
    assert len({Contents(memory).of(order) for order in orders}) == 5


@pytest.fixture
def read(monkeypatch):
    """The files that were read; every file is large, and no moment is too near."""
    seen = []
    monkeypatch.setattr(contents, "_LARGE", 1)
    monkeypatch.setattr(contents, "_MOMENT", 0)
    real = contents.file_hash
    monkeypatch.setattr(contents, "file_hash", lambda path: seen.append(path.name) or real(path))
    return seen


def test_a_large_file_is_read_once(tmp_path, memory, read):
    path = aged(tmp_path / "a", "甲")
    first = Contents(memory).of([path])
    assert Contents(memory).of([path]) == first
    assert read == ["a"]
    aged(tmp_path / "a", "乙")  # another inode, the same size and time
    second = Contents(memory).of([path])
    assert second != first
    with (tmp_path / "a").open("r+", encoding="utf-8") as handle:  # the same inode
        handle.write("丙")
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert Contents(memory).of([path]) not in (first, second)
    assert read == ["a", "a", "a"]


def test_a_file_that_was_written_just_now_is_read_again(tmp_path, memory, read, monkeypatch):
    monkeypatch.setattr(contents, "_MOMENT", 60_000_000_000)
    path = aged(tmp_path / "a", "甲")
    assert Contents(memory).of([path]) == Contents(memory).of([path])
    assert read == ["a", "a"]
    assert not memory.exists()


def test_runs_side_by_side_keep_what_the_other_found(tmp_path, memory, read):
    one, two = Contents(memory), Contents(memory)
    one.of([aged(tmp_path / "1", "一")])
    two.of([aged(tmp_path / "2", "二")])
    assert set(json.loads(memory.read_text())) == {str(tmp_path / "1"), str(tmp_path / "2")}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"PATH": 3}', '{"PATH": [1]}', '{"PATH": null}'])
def test_a_damaged_memory_is_made_anew(tmp_path, memory, read, damage):
    path = aged(tmp_path / "a", "甲")
    first = Contents(memory).of([path])
    memory.write_text(damage.replace("PATH", path))
    assert Contents(memory).of([path]) == first
    assert len(json.loads(memory.read_text())[path]) == 5


def test_a_memory_that_cannot_be_written_is_no_error(tmp_path, read):
    (tmp_path / "file").write_text("")
    path = aged(tmp_path / "a", "甲")
    assert Contents(tmp_path / "file" / "x").of([path]) == Contents(tmp_path).of([path])


def test_a_file_that_cannot_be_read_is_left_to_the_step_that_reads_it(tmp_path, memory):
    missing = Contents(memory).of([str(tmp_path / "a")])
    assert missing == Contents(memory).of([str(tmp_path)])
    assert missing != Contents(memory).of([aged(tmp_path / "a", "甲")])
