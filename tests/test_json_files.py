"""JSON files: errors name the file; what was written comes back."""

import gzip
import json

import pytest

from gaprelm.errors import CheckpointError, InputError
from gaprelm.json_files import read_json, write_json


@pytest.mark.parametrize("indent", [None, 2])
def test_what_is_written_comes_back(tmp_path, indent):
    # The last text is what Python makes of a file name that is not UTF-8.
    value = {"字": ["在家", "\u2028", None, 1.5], "name": b"\xe4.txt".decode("utf-8", "surrogateescape")}
    path = tmp_path / "new" / "a.json"
    write_json(path, value, indent)
    content = path.read_text(encoding="utf-8")
    assert "在家" in content
    assert content.count("\n") == (1 if indent is None else 9)
    assert read_json(path) == value == json.loads(content)
    compressed = tmp_path / "a.json.gz"
    compressed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_json(compressed) == value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1', r"a\.json is not JSON: .*line 1 column 8"),
        (b"\xff{}", r"a\.json is not JSON: 'utf-8' codec"),
        (b"[" * 100_000, r"a\.json is not JSON: "),
        (b"", r"a\.json: the file is empty"),
        (None, r"a\.json: no such file"),
    ],
)
def test_errors_name_the_file(tmp_path, content, message):
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_json(path)
    with pytest.raises(CheckpointError, match=message):
        read_json(path, error=CheckpointError)


def test_the_cure_is_the_callers(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("no")
    with pytest.raises(InputError, match="cure: export it again"):
        read_json(path, "export it again")
