"""What a service bears, over real connections: its load, and those who would hold it up.

    python benchmarks/service.py --model DIR --texts FILE [--what load long silent memory] [--concurrency 1 8 32]
                                 [--batch-size 32 1] [--seconds 5] [--requests 15000]

FILE has one sentence per line. Each part has services of its own, on free ports of 127.0.0.1, warmed up. A failed
request ends the benchmark. OMP_NUM_THREADS sets how many cores the model uses.

* load, with wrk (apt-get install wrk): --concurrency connections send requests of one sentence, each as soon as its
  last one is answered; with batch size 1 every sentence runs through the model alone. Each figure is the median of
  ``--repeat`` rounds.
* long: thirty clients send the largest request that is allowed, five texts of 20,000 characters. Beside them one client
  sends one sentence after the other, for --seconds.
* silent: 150 connections that send nothing, to a service that may open 128 files. Then one client sends one sentence
  after the other, each in a connection of its own, for --seconds. "log_lines" are those of the service.
* memory, with wrk: of the service before and after --requests, from 32 connections.
"""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import common

SCRIPT = Path(__file__).with_suffix(".lua")


CLIENTS, TEXTS, LENGTH = 30, 5, 20_000  # of the requests that are as large as can be
SILENT, FILES = 150, 128
PATIENCE_S = 30  # after which a request counts as lost
Figures = dict[str, Any]


class Service(NamedTuple):
    """A service that runs.

    address: where it listens.
    process: its number.
    log: the file of its standard error.
    """

    address: str
    process: int
    log: Path

    def connection(self) -> HTTPConnection:
        """A new connection to it."""
        return HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE_S)

    def memory_mb(self) -> int:
        """The memory that it holds now."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def main() -> None:
    parser = common.parser(__doc__, repeat=3)
    parser.add_argument("--model", required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--what", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--batch-size", type=int, nargs="+", default=[32, 1])
    parser.add_argument("--seconds", type=int, default=5, help="of each figure, in each round")
    parser.add_argument("--requests", type=int, default=15_000, help="after which memory is measured")
    args = parser.parse_args()
    sentences = common.texts(args.texts)
    characters = round(statistics.mean(map(len, sentences)), 1)
    result: Figures = {"sentences": len(sentences), "mean_characters": characters}
    result |= {name: PARTS[name](args, sentences) for name in args.what}
    common.show(result, args.json, {name: as_table(result[name]) for name in args.what})


def as_table(rows: Sequence[Figures]) -> dict[str, Figures]:
    return {str(number): row for number, row in enumerate(rows, 1)}


def measure_load(args: Any, sentences: Sequence[str]) -> list[Figures]:
    """Requests per second and their times, with and without common batches."""
    figures = defaultdict(list)
    for batch_size in args.batch_size * args.repeat:
        with service(args.model, batch_size) as running:
            load(running, sentences, 8, 2)
            for concurrency in args.concurrency:
                figures[batch_size, concurrency].append(load(running, sentences, concurrency, args.seconds))
    return [
        {"batch_size": batch_size, "concurrency": concurrency, **medians(rounds)}
        for (batch_size, concurrency), rounds in figures.items()
    ]


def measure_long(args: Any, sentences: Sequence[str]) -> list[Figures]:
    """Requests of one sentence beside the largest ones."""
    whole = "".join(sentences)
    whole *= TEXTS * LENGTH // len(whole) + 2
    with service(args.model, 32) as running:
        one_after_the_other(running, sentences, 1)
        clients = []
        for number in range(CLIENTS):  # no two have the same texts, for a text is read once
            texts = [whole[number + LENGTH * place :][:LENGTH] for place in range(TEXTS)]
            clients.append(running.connection())
            clients[-1].request("POST", "/correct", json.dumps({"texts": texts}), {"Content-Type": "application/json"})
        time.sleep(1)
        beside = one_after_the_other(running, sentences, args.seconds)
        answered = sum(1 for client in clients if has_answer(client))
        for client in clients:
            client.close()
    return [{"long_clients": CLIENTS, **beside, "long_answered_or_busy": answered}]


def measure_silent(args: Any, sentences: Sequence[str]) -> list[Figures]:
    """Requests of one sentence beside connections that send nothing."""
    with service(args.model, 32, files=FILES) as running:
        before = one_after_the_other(running, sentences, 1)
        address = urlsplit(running.address)
        silent = [create_connection((address.hostname, address.port)) for _ in range(SILENT)]
        time.sleep(1)
        beside = one_after_the_other(running, sentences, args.seconds, afresh=True)
        lines = running.log.read_text(encoding="utf-8").count("\n")
        for connection in silent:
            connection.close()
    return [{"silent": 0, **before}, {"silent": SILENT, **beside, "log_lines": lines}]


def measure_memory(args: Any, sentences: Sequence[str]) -> list[Figures]:
    """The memory of a service that has answered many requests."""
    with service(args.model, 32) as running:
        load(running, sentences, 1, 1)
        before = running.memory_mb()
        figures = load(running, sentences, 32, 600, args.requests)
        return [{"before_mb": before, "after_mb": running.memory_mb(), **figures}]


PARTS: dict[str, Callable[[Any, Sequence[str]], list[Figures]]] = {
    "load": measure_load,
    "long": measure_long,
    "silent": measure_silent,
    "memory": measure_memory,
}


@contextmanager
def service(model: str, batch_size: int, files: int | None = None) -> Iterator[Service]:
    """A service on a free port that may open so many files."""
    command = [sys.executable, "-m", "gaprelm", "serve", "--model", model, "--port", "0"]
    command += ["--batch-size", str(batch_size), "--device", "cpu"]
    if files is not None:
        command = ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *command]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w", encoding="utf-8") as errors, subprocess.Popen(command, stderr=errors) as process:
            try:
                yield Service(address_in(log, process), process.pid, log)
            finally:
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()  # it would first answer all that it accepted


def address_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    """The address that a service logs when it is ready."""
    while process.poll() is None:
        if found := re.search(r"serving at (\S+)", log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.05)
    raise SystemExit(f"the service ended with {process.returncode}: {log.read_text(encoding='utf-8')}")


def load(
    running: Service, sentences: Sequence[str], concurrency: int, seconds: int, requests: int | None = None
) -> Figures:
    """The figures that wrk measures."""
    command = ["wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", "--timeout", "60s", "-s", str(SCRIPT)]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as bodies:
        bodies.write("".join(json.dumps({"texts": [sentence]}) + "\n" for sentence in sentences))
        bodies.flush()
        environment = os.environ | {"SENTENCES": bodies.name}
        if requests is not None:
            environment["REQUESTS"] = str(requests)
        command.append(running.address)
        output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    figures = json.loads(output.strip().splitlines()[-1])
    if figures.pop("failed"):
        raise SystemExit(f"requests failed: {output}")
    return figures


def one_after_the_other(running: Service, sentences: Sequence[str], seconds: int, afresh: bool = False) -> Figures:
    """The times of requests of one sentence, at least one, from one client.

    Args:
        running: the service.
        sentences: to send, in turn.
        seconds: after which no more are sent.
        afresh: whether each has a connection of its own.
    """
    times, lost, end = [], 0, time.monotonic() + seconds
    client = running.connection()
    while not times or time.monotonic() < end:
        if afresh:
            client.close()
        begin = time.monotonic()
        body = json.dumps({"texts": [sentences[len(times) % len(sentences)]]})
        try:
            client.request("POST", "/correct", body, {"Content-Type": "application/json"})
            with client.getresponse() as answer:
                lost += answer.status != 200
                answer.read()
        except OSError:
            lost += 1
            client.close()
        times.append(1000 * (time.monotonic() - begin))
    client.close()
    p95 = sorted(times)[int(0.95 * (len(times) - 1))]
    return {
        "requests": len(times),
        "lost": lost,
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(p95, 1),
        "max_ms": round(max(times), 1),
    }


def has_answer(client: HTTPConnection) -> bool:
    """Whether an answer has come already."""
    assert client.sock is not None
    client.sock.setblocking(False)
    try:
        return bool(client.sock.recv(1))
    except BlockingIOError:
        return False


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}


if __name__ == "__main__":
    main()
