"""Fetching from a server on this machine that breaks off, is busy, and serves wrong bytes."""

import contextlib
import hashlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from typing import ClassVar

import pytest

from gaprelm import web
from gaprelm.data.published import PUBLISHED, download_of, is_download, named_download
from gaprelm.errors import ConfigurationError, InputError
from gaprelm.web import fetch, fetch_bytes
from tests.conftest import ROOT

CONTENT = "我再家\t我在家\n".encode() * 5000
SUM = hashlib.sha256(CONTENT).hexdigest()
CURE = "get it by other means"
MOST = 1 << 20


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers each path with its next behaviour, and with the content when none is left."""

    behaviours: ClassVar[dict] = {}
    requests: ClassVar[list] = []

    def do_GET(self):
        name = self.path.lstrip("/")
        self.requests.append(name)
        behaviour = self.behaviours.get(name, [])
        self.answer(behaviour.pop(0) if behaviour else "content")

    def answer(self, behaviour):
        if isinstance(behaviour, int):
            self.send_error(behaviour)
            return
        if behaviour in ("endless", "slow", "slow head"):
            self.pour(behaviour)
            return
        body = b"<html>another page</html>" if behaviour == "wrong bytes" else CONTENT
        self.send_response(200)
        if behaviour != "no length":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if behaviour == "break off" else body)

    def pour(self, behaviour):
        """Bytes without end, in the middle of which the other side goes away."""
        with contextlib.suppress(OSError):
            if behaviour != "slow head":
                self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
            for _ in range(1 << 20):
                self.wfile.write(b"x" * (1 << 16) if behaviour == "endless" else b"x")
                time.sleep(0 if behaviour == "endless" else 0.02)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    """Address of the server, and the dictionary of its behaviours by path."""
    monkeypatch.setenv("no_proxy", "*")
    Handler.behaviours, Handler.requests = {}, []
    instance = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=instance.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{instance.server_port}", Handler.behaviours
    instance.shutdown()
    instance.server_close()


def get(address, path, sum_=SUM, most=MOST):
    fetch(address, path, sum_, CURE, most, wait_s=0.01)


@pytest.mark.parametrize(
    "behaviours",
    [[], ["no length"], ["break off"], [503], ["break off", 500, 429], ["break off", "break off", "break off"]],
)
def test_it_goes_on_until_the_file_is_whole(server, tmp_path, behaviours):
    address, script = server
    script["a.tsv"] = list(behaviours)
    get(f"{address}/a.tsv", tmp_path / "folder" / "a.tsv")
    assert (tmp_path / "folder" / "a.tsv").read_bytes() == CONTENT
    script["a.tsv"] = list(behaviours)
    assert fetch_bytes(f"{address}/a.tsv", SUM, CURE, len(CONTENT), wait_s=0.01) == CONTENT


@pytest.mark.parametrize(
    ("behaviours", "message", "requests"),
    [
        (["break off"] * 9, "cut off after 50000 of 100000 bytes", 4),
        ([503] * 9, "HTTP Error 503", 4),
        ([404] * 9, "HTTP Error 404", 1),
        (["wrong bytes"] * 9, f"has sha256 [0-9a-f]{{64}}, expected {SUM}", 1),
    ],
)
def test_no_half_or_wrong_file(server, tmp_path, behaviours, message, requests):
    """The error is clear, and an older file stays as it is."""
    address, script = server
    script["a.tsv"] = behaviours
    path = tmp_path / "a.tsv"
    path.write_text("old")
    with pytest.raises(InputError, match=message) as caught:
        get(f"{address}/a.tsv", path)
    assert "\n  cure: " in str(caught.value)
    assert len(Handler.requests) == requests
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_beyond_the_expected_size_is_fetched(server, tmp_path):
    address, script = server
    script["a"] = ["endless", "content"]
    path = tmp_path / "a"
    for most in (MOST, len(CONTENT) - 1):  # found while reading, and announced
        with pytest.raises(InputError, match=rf"/a has more than {most} bytes, the most that are expected\n  cure: "):
            get(f"{address}/a", path, most=most)
    (tmp_path / "large").write_bytes(CONTENT)
    with pytest.raises(InputError, match=r"large has more than 9 bytes"):
        get(str(tmp_path / "large"), path, most=9)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"pipe: not a regular file"):
        get(str(tmp_path / "pipe"), path)
    assert Handler.requests == ["a", "a"]
    assert not path.exists()


@pytest.mark.parametrize("behaviour", ["slow", "slow head"])
def test_a_transfer_that_never_ends_is_ended(server, tmp_path, monkeypatch, behaviour):
    """Each byte comes in time, so that no timeout of the socket ends it."""
    address, script = server
    monkeypatch.setattr(web, "_GRACE_S", 0.1)
    script["a"] = [behaviour] * 9
    with pytest.raises(InputError, match=r"/a: too slow: \d+ bytes in 0\.1 seconds and more"):
        get(f"{address}/a", tmp_path / "a")
    assert len(Handler.requests) == 4
    script["a"] = [behaviour]
    get(f"{address}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_the_sum_of_bytes_is_that_of_what_is_made_from_them(server):
    address, _ = server
    longer = CONTENT + b"!"
    sum_ = hashlib.sha256(longer).hexdigest()
    assert fetch_bytes(f"{address}/a", sum_, CURE, MOST, convert=lambda content: content + b"!") == longer
    with pytest.raises(InputError, match=r"/a: what is made from it has sha256 [0-9a-f]{64}, expected " + SUM):
        fetch_bytes(f"{address}/a", SUM, CURE, MOST, convert=lambda content: content + b"!")
    with pytest.raises(InputError, match=r"/a has sha256 [0-9a-f]{64}, expected 0"):
        fetch_bytes(f"{address}/a", "0", CURE, MOST)


def test_no_server_and_no_address(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    for address in (f"http://127.0.0.1:{port}/a", "nothing://x/a", str(tmp_path / "missing")):
        with pytest.raises(InputError, match=f"cure: try again, or {CURE}"):
            get(address, tmp_path / "a.tsv")
    assert not (tmp_path / "a.tsv").exists()


def download(*arguments):
    script = ROOT / "workflow_scripts" / "download.py"
    return subprocess.run([sys.executable, script, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_a_mirror_takes_the_place_of_the_address(server, tmp_path):
    """A folder with the file under either of its names, or a web address; the sum is checked all the same."""
    address, _ = server
    mirror, output = tmp_path / "mirror", tmp_path / "out" / "name.tsv"
    mirror.mkdir()
    settings = json.dumps({"url": "http://127.0.0.1:9/published.tsv", "sha256": SUM})
    options = ("--settings", settings, "--licence", "MIT", "--output", output)
    missing = download(*options, "--mirror", mirror)
    assert missing.returncode == 2
    assert f"{mirror}/name.tsv: no such file, nor published.tsv, in data_mirror" in missing.stderr
    for name in ("published.tsv", "name.tsv"):
        (mirror / name).write_bytes(CONTENT)
        assert download(*options, "--mirror", mirror).returncode == 0
        assert output.read_bytes() == CONTENT
        (mirror / name).write_bytes(b"wrong")
        wrong = download(*options, "--mirror", mirror)
        assert wrong.returncode == 2
        assert f"expected {SUM}" in wrong.stderr
        (mirror / name).unlink()
    served = download(*options, "--mirror", f"{address}/")
    assert served.returncode == 0, served.stderr
    assert Handler.requests == ["name.tsv"]
    assert "licence: MIT" in served.stderr


def test_the_catalogue():
    assert len({download.sha256 for download in PUBLISHED.values()}) == len(PUBLISHED)
    for name, entry in PUBLISHED.items():
        assert entry.url.startswith("https://raw.githubusercontent.com/")
        assert len(entry.url.split("/")[5]) == 40, "a commit, so that the sum stays right"
        assert len(entry.sha256) == 64
        assert entry.size
        assert entry.licence
        assert is_download(f"downloads/{name}", {})
    own = {"lemon_car.txt": {"url": "http://x/y", "sha256": "0" * 64}}
    assert download_of("lemon_car.txt", own).url == "http://x/y"
    assert named_download("lemon_car.txt", own).url == "http://x/y"
    assert download_of("nothing", own) is None
    with pytest.raises(ConfigurationError, match=r"downloads/nothing: no file .*, lemon_car\.txt, .*\n  cure"):
        named_download("nothing", own)
    assert not is_download("elsewhere/lemon_car.txt", {})
