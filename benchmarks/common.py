"""What the benchmarks share: the command line, texts, fresh processes, clocks, peak memory, and output."""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from gaprelm.data.sample import split_sample
from gaprelm.textio import read_lines

Row = Mapping[str, object]
ROOT = Path(__file__).resolve().parent.parent


def parser(description: str | None, repeat: int | None = None) -> argparse.ArgumentParser:
    """A parser whose help is the benchmark's docstring, with --json, and --repeat if ``repeat`` gives its default."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="JSON alone on standard output (else a table)")
    if repeat is not None:
        made.add_argument("--repeat", type=int, default=repeat, help=f"each figure is a median of so many ({repeat})")
    return made


def show(document: Mapping[str, Any], as_json: bool, tables: Mapping[str, Mapping[str, Row]]) -> None:
    """Print the document as JSON, or its tables: what the rows are → name of a row → column → value."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    for kind, rows in tables.items():
        sys.stdout.write("\n".join(_lines(kind, rows)) + "\n")


def _lines(kind: str, rows: Mapping[str, Row]) -> list[str]:
    """Aligned columns: names to the left, values to the right."""
    header = list(dict.fromkeys(column for row in rows.values() for column in row))
    cells = [[kind, *header], *([name, *(_cell(row.get(column)) for column in header)] for name, row in rows.items())]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row, widths[1:], strict=True))])
        for name, *row in cells
    ]


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)


def texts(path: Path | None) -> list[str]:
    """The lines of a file that are not blank; without a file the sentences of the embedded sample, shuffled."""
    if path is None:
        return split_sample(0.0, 0.0, 1, None)["train"]
    return [line.text for line in read_lines(path) if line.text.strip()]


def sentences(number: int) -> Iterator[str]:
    """Different sentences of 10 to 50 characters, joined from pieces of the sample's; the same in each run."""
    draw, text = random.Random(1), "".join(texts(None))
    for _ in range(number):
        yield _joined(text, draw.randint(10, 50), draw)


def _joined(text: str, length: int, draw: random.Random) -> str:
    """Random pieces of 3 to 8 characters, so that no two sentences are alike by chance."""
    pieces: list[str] = []
    while length > 0:
        start = draw.randrange(len(text) - 8)
        pieces.append(text[start : start + min(length, draw.randint(3, 8))])
        length -= len(pieces[-1])
    return "".join(pieces)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables for processes that are started in the block: a library reads some of them only once."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def fresh_processes(number: int = 1, **variables: str) -> Iterator[ProcessPoolExecutor]:
    """Newly started processes, with ``variables`` added to their environment; they print on stderr."""
    pool = ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_print_on_stderr)
    with environment(**variables), pool:
        yield pool


def _print_on_stderr() -> None:
    # Standard output is only for the figures.
    os.dup2(2, 1)


def in_a_process(function: Callable[..., Any], *arguments: object, **variables: str) -> Any:
    """The result of a function that runs in a fresh process."""
    with fresh_processes(1, **variables) as pool:
        return pool.submit(function, *arguments).result()


class Cost(NamedTuple):
    """The cost of a part: wall and CPU seconds, and the peak memory of its processes in MB.

    result: the results of the calls.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: int
    result: list[Any]


def cost(part: Callable[..., Any], calls: Sequence[tuple[object, ...]], jobs: int = 1) -> Cost:
    """Run a part once for each tuple of arguments, in fresh processes, ``jobs`` at a time.

    The start of the processes does not count, nor do the imports at the top of the benchmark.
    """
    with fresh_processes(min(jobs, len(calls))) as pool:
        ran = [future.result() for future in [pool.submit(_timed, part, call) for call in calls]]
    begins, ends, cpu_seconds, peaks, results = zip(*ran, strict=True)
    return Cost(max(ends) - min(begins), sum(cpu_seconds), max(peaks), list(results))


def _timed(part: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[float, float, float, int, Any]:
    begin, start = time.time(), time.process_time()
    result = part(*arguments)
    return begin, time.time(), time.process_time() - start, peak_mb(), result


def peak_mb() -> int:
    """The peak memory of this process so far, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # ru_maxrss would include the parent's memory: a process starts as a copy of its parent.
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line) // 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit


def median_seconds(run: Callable[[], object], repeat: int, clock: Callable[[], float] = time.process_time) -> float:
    """The median time of ``run``; by default CPU time, which other processes disturb less than wall time."""
    return statistics.median(all_seconds(run, repeat, clock))


def all_seconds(run: Callable[[], object], repeat: int, clock: Callable[[], float], warm_up: int = 0) -> list[float]:
    """The time of each of ``repeat`` runs, after ``warm_up`` runs that do not count."""
    times = []
    for _ in range(warm_up + repeat):
        start = clock()
        run()
        times.append(clock() - start)
    return times[warm_up:]
