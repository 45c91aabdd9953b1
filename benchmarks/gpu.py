"""What a GPU is asked: do its tests pass, how fast is training, how fast is correcting, what takes the time.

    python benchmarks/gpu.py --output FOLDER                              everything, in 15 minutes at most
    python benchmarks/gpu.py --output FOLDER --parts training --json      both parts that train
    python benchmarks/gpu.py --output FOLDER --device cpu --quick         a rehearsal, about 2 minutes on 2 cores
    python benchmarks/gpu.py --output FOLDER --parts experiment --experiment outputs/small/config.yaml --minutes 4 3 2

Parts, in this order, each in a process of its own that is ended after --limit seconds:

* tests: tests/gpu, with several processes where pytest-xdist is installed.
* training_small, training_macbert: this project's trainer in the joint stage with tagging and counts, on sentences that
  get new errors each time. Small is 6 layers x 320 with 7,000 tokens, macbert 12 x 768 with 8,005. Loader alone: how
  fast batches are made, from sentences that get new errors and from pairs whose errors are old. The usual form is that
  of usual_training.py.
* inference: Corrector beside a tagging pass (inference.py), by the size of the batches.
* profile: calls of CUDA in a step, the most expensive kernels (profile.txt), lines that wait for the GPU.
* compile: training with torch.compile, of each layer or of the whole encoder.
* experiment (only if asked for): the stages of an experiment, each for the minutes that --minutes gives it. FOLDER gets
  the last weights in pieces of 16 MiB.

FOLDER/PART.json has the rows, written as soon as each is measured, and the traceback of each that failed. The exit code
is 1 if something failed.

mfu: useful floating-point operations a second relative to a matrix product in the same precision, fp32 as TF32.
wait_for_loader: share of the time in which the main process waits for a batch.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import common

if TYPE_CHECKING:
    from gpu_report import Report

PARTS = ("tests", "training_small", "training_macbert", "inference", "profile", "compile")
EXPERIMENT = "experiment"
BOTH = {"training": ("training_small", "training_macbert")}
# Of its limit a part begins new rows for this share.
_SHARE = 0.85


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder of the results")
    known, usual = (*PARTS, EXPERIMENT, *BOTH), f"default: all but {EXPERIMENT}"
    parser.add_argument("--parts", nargs="+", choices=known, default=PARTS, help=usual)
    parser.add_argument("--limit", type=float, default=150, help="seconds of each part (150)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: for rehearsals")
    parser.add_argument("--quick", action="store_true", help="small shapes and few examples, for rehearsals")
    parser.add_argument("--experiment", type=Path, help="config.yaml in the folder of a prepared experiment")
    parser.add_argument("--minutes", nargs=3, type=float, default=[4, 3, 2], help="of stages A, B and C (4 3 2)")
    parser.add_argument("--this-process", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if EXPERIMENT in args.parts and not (args.experiment and args.experiment.is_file()):
        parser.error(f"--parts {EXPERIMENT} needs --experiment outputs/NAME/config.yaml")
    args.output.mkdir(parents=True, exist_ok=True)
    chosen = {part for name in args.parts for part in BOTH.get(name, (name,))}
    if args.this_process:
        measure(args.parts[0], args)
        return
    documents = {part: in_time(part, args) for part in (*PARTS, EXPERIMENT) if part in chosen}
    if args.json:
        common.show(documents, True, {})
    if any(document["errors"] for document in documents.values()):
        sys.exit(1)


def in_time(part: str, args: argparse.Namespace) -> dict[str, Any]:
    """Run a part in a process of its own, end it after its limit, and show what it has found."""
    sys.stderr.write(f"{part} …\n")
    path = args.output / f"{part}.json"
    path.unlink(missing_ok=True)
    limit = args.limit
    command = [sys.executable, __file__, "--this-process", "--output", str(args.output), "--parts", part]
    if part == EXPERIMENT:
        command += ["--experiment", str(args.experiment), "--minutes", *map(str, args.minutes)]
        # Each stage starts twice, and may be a little slower than its trial.
        limit = 60 * (1.2 * sum(args.minutes) + 1.5 * len(args.minutes))
    command += ["--limit", str(limit), "--device", args.device, *(["--quick"] if args.quick else [])]
    # A device that is hidden is not used by mistake; several threads would hinder each other in so small products.
    hidden = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"} if args.device == "cpu" else {}
    start = time.monotonic()
    process = subprocess.Popen(command, env=os.environ | hidden, stdout=sys.stderr, start_new_session=True)
    try:
        code = process.wait(limit)
        problem = f"ended with code {code}" if code else None
    except subprocess.TimeoutExpired:
        problem = f"ended after its {limit:g} seconds"
    # What the part has started ends with it.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    document: dict[str, Any] = (
        json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"rows": {}, "errors": {}}
    )
    document["seconds_with_start"] = round(time.monotonic() - start, 1)
    if problem:
        document["errors"]["the part"] = problem
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    show(part, document, args.json)
    return document


def show(part: str, document: dict[str, Any], as_json: bool) -> None:
    """The rows as a table, and the last line of each error."""
    if not as_json and document["rows"]:
        common.show({}, False, {part: document["rows"]})
    for name, text in document["errors"].items():
        sys.stderr.write(f"{part}: {name}: {text.strip().splitlines()[-1]}\n")
    sys.stdout.flush()


def measure(part: str, args: argparse.Namespace) -> None:
    """A part, in this process."""
    from gpu_report import Report

    report = Report(args.output / f"{part}.json", part, _SHARE * args.limit)
    if args.device == "cuda" and not report.document["machine"]["gpu"]:
        report.fail("device", "no CUDA device here\n  cure: --device cpu --quick rehearses on the processor")
        sys.exit(2)
    if part == "tests":
        tests(report, args.device)
        return
    if part == EXPERIMENT:
        from gpu_experiment import train

        train(report, args.experiment, args.minutes, args.output, args.device == "cuda")
        return
    from gpu_inference import inference
    from gpu_training import compiled, profiled, training

    if part == "inference":
        inference(report, args.quick)
    elif part == "profile":
        profiled(report, args.quick, args.output / "profile.txt")
    elif part == "compile":
        compiled(report, args.quick)
    else:
        training(report, part.removeprefix("training_"), args.quick)


def tests(report: Report, device: str) -> None:
    """Run tests/gpu; a row for each test."""
    command = [sys.executable, "-m", "pytest", "tests/gpu", "-m", "gpu", "-rs", "-p", "no:cacheprovider"]
    command += ["-o", "junit_family=xunit1"]  # the other family has no place for what a test records
    if device == "cuda" and find_spec("xdist"):
        command += ["-n", "4"]
    rehearsal = {"GAPRELM_GPU_TESTS": "cpu"} if device == "cpu" else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tests.xml"
        ran = subprocess.run(
            [*command, f"--junitxml={path}"],
            cwd=common.ROOT,
            env=os.environ | rehearsal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for case in ElementTree.parse(path).iter("testcase") if path.is_file() else ():
            report.document["rows"][str(case.get("name"))] = outcome(case)
    sys.stderr.write(ran.stdout)
    if ran.returncode:
        report.fail("pytest", ran.stdout)
    report.save()


def outcome(case: ElementTree.Element) -> dict[str, object]:
    """Whether a test passed, its seconds, and what it has recorded."""
    found = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
    row: dict[str, object] = {"outcome": found[0] if found else "passed", "seconds": float(case.get("time") or 0)}
    return row | {str(each.get("name")): float(each.get("value") or 0) for each in case.iter("property")}


if __name__ == "__main__":
    main()
