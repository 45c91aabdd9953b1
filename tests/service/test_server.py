"""``gaprelm serve`` as a process: it starts, answers, ends cleanly, and says what is wrong."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from gaprelm.cli import main as cli
from gaprelm.errors import run_command
from gaprelm.service.server import IDLE_S
from tests import warm

# All different, for the same sentence is read once.
WORK = ["".join(f"我今天去学校上课{n}，他在图书馆看书{k}。" for k in range(20)) for n in range(200)]


@pytest.fixture
def process(model_dir):
    """A running service with a random model, and its address."""
    command = [warm.python(), "-m", "gaprelm", "serve", "--model", str(model_dir), "--port", "0", "--device", "cpu"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        for line in running.stderr:
            if found := re.search(r"serving at (http://127\.0\.0\.1:\d+/)", line):
                break
        else:
            pytest.fail(f"it ended with {running.wait()}")
        yield running, found[1]
        running.kill()


def post(address, *texts):
    body = json.dumps({"texts": texts}).encode()
    with urlopen(Request(f"{address}correct", body, {"Content-Type": "application/json"}), timeout=30) as answer:
        return json.load(answer)["results"]


def ended(running, number):
    running.send_signal(number)
    output, messages = running.communicate(timeout=30)
    return running.returncode, output, messages


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_finished_before_the_end(process, number):
    running, address = process
    assert post(address, "我在家")[0]["source"] == "我在家"
    with ThreadPoolExecutor(4) as pool:
        pending = [pool.submit(post, address, *WORK[40 * n : 40 * n + 40]) for n in range(4)]
        time.sleep(0.1)
        assert not all(work.done() for work in pending)
        code, output, messages = ended(running, number)
        assert [result["source"] for work in pending for result in work.result()] == WORK[:160]
    assert (code, output) == (0, "")
    assert messages == "ended; all accepted requests are answered\n"
    with pytest.raises(URLError):
        post(address, "我在家")


def test_a_second_interrupt_ends_at_once(process):
    running, address = process
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(post, address, *WORK)
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        time.sleep(0.1)
        code, _, messages = ended(running, signal.SIGINT)
        assert code == 130
        assert messages == "interrupted\n"
        with pytest.raises((URLError, ConnectionError)):
            work.result()


def test_the_end_comes_though_not_all_is_done(corrector, model, monkeypatch, caplog):
    """In this process, whose patience can be shortened."""
    from gaprelm.service import server
    from gaprelm.service.app import create_app

    monkeypatch.setattr(server, "_LAST_REQUESTS_S", 1)
    caplog.set_level("INFO")
    model.seconds = 0.3
    bound = server.bind("127.0.0.1", 0)

    def client():
        with pytest.raises(HTTPError) as refused:
            post(server.address_of(bound), *(f"好{n}" for n in range(100)))
        return refused.value.code, json.load(refused.value)["code"]

    def end():
        while not model.batches:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        return time.monotonic()

    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(lambda: until_listening(bound) or client())
        started = pool.submit(end)
        server.serve(create_app(corrector, batch_size=1), bound)
        assert time.monotonic() - started.result() < 10
        assert answer.result() == (503, "ending")
    assert "ended; not all accepted requests are answered" in caplog.text
    assert "Traceback" not in caplog.text


def until_listening(bound):
    while not bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        time.sleep(0.01)


def test_texts_reach_no_log_and_idle_connections_do_not_delay_the_end(process):
    running, address = process
    post(address, "我今天秘密去学校")
    with pytest.raises(HTTPError):
        post(address, "秘密", 3)
    with pytest.raises(HTTPError):
        urlopen(f"{address}nowhere?text=secret")
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as idle:
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while b'"ok"' not in answer:
            answer += idle.recv(4096)
        start = time.monotonic()
        code, output, messages = ended(running, signal.SIGTERM)
        assert time.monotonic() - start < IDLE_S / 2
    assert (code, output, messages) == (0, "", "ended; all accepted requests are answered\n")


def test_a_taken_port_is_one_error_before_the_model_is_loaded(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_command(lambda: cli.main(["serve", "--model", "nowhere", "--port", str(port)])) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 2
    assert f"127.0.0.1, port {port}: Address already in use" in message
    assert f"--port {port + 1}" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nowhere", "--port", "0"], "nowhere"),
        (["--model", "nowhere", "--host", "203.0.113.7", "--port", "0"], "give an address of this machine"),
        (["--model", "nowhere", "--port", "70000"], "expected a number from 0 to 65535"),
    ],
)
def test_bad_input_ends_with_two(arguments, message, capsys):
    try:
        code = run_command(lambda: cli.main(["serve", *arguments]))
    except SystemExit as usage:
        code = usage.code
    assert code == 2
    assert message in capsys.readouterr().err


def test_other_machines_are_warned_of(caplog):
    assert run_command(lambda: cli.main(["serve", "--model", "nowhere", "--host", "0.0.0.0", "--port", "0"])) == 2
    assert "other machines can reach 0.0.0.0" in caplog.text


def test_what_is_not_installed_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run_command(lambda: cli.main(["serve", "--model", "nowhere"])) == 2
    assert "pip install 'gaprelm[serve]'" in capsys.readouterr().err
