"""The part of ``gpu.py`` that trains an experiment's stages for given minutes, from data that were prepared elsewhere.

A short trial of a stage says how many steps fit; the stage is then trained with so many, from start to end of its
schedule. Nothing is scored here: the time belongs to training, and dev needs processors alone.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import common
import yaml
from gpu_report import Report

from gaprelm.pipeline.configuration import load_schema
from gaprelm.pipeline.experiment import Experiment
from gaprelm.pipeline.steps import stage_files, stage_settings
from gaprelm.stages import STAGES

# Weights are cut into pieces of so many bytes, since not every way home takes large files.
PIECE = 16 * 2**20
# The trial ends after so many log lines of so many steps; the first line is left out, for it holds the start.
_LINES, _STEPS_A_LINE = 5, 10
_LOGGED = re.compile(r"^(\S+ \S+) \S+ INFO step (\d+)/(\d+) ", re.MULTILINE)
# Longer than any trial, so that it never ends by itself.
_ENDLESS = 1000.0


def train(report: Report, configuration: Path, minutes: list[float], output: Path, gpu: bool) -> None:
    """Train the stages one after the other; a row for each.

    Args:
        configuration: config.yaml in the folder of an experiment whose data, counts and initial model are made.
        minutes: of each stage; a stage with 0 is left out.
        output: where the pieces of the last result's weights go, its config.json and the log.
    """
    work = output / "work"
    shutil.rmtree(work, ignore_errors=True)
    results: dict[str, str] = {}
    for document, limit in zip(stage_documents(configuration, gpu), minutes, strict=True):
        start = document["initial_model"]
        placed: dict[str, Any] = document | in_folder(document, work) | {"initial_model": results.get(start, start)}
        # What a stage that is left out would have written is what it starts from.
        results[document["output_dir"]] = placed["output_dir"] if limit else placed["initial_model"]
        if limit:
            report.measure(document["stage"], trained, placed, 60 * limit, work)
            if document["stage"] not in report.document["rows"]:
                return
            pack(Path(placed["output_dir"]), output)
            shutil.copy(placed["log_file"], output / "training.log")


def stage_documents(configuration: Path, gpu: bool) -> list[dict[str, Any]]:
    """The settings of the stages, as the workflow would write them; without dev sets, so that the last weights count.

    Args:
        configuration: config.yaml in the folder of an experiment.
    """
    config = yaml.safe_load(configuration.read_text(encoding="utf-8"))
    experiment = Experiment(config, load_schema(common.ROOT / "rules" / "config.schema.yaml"))
    return [
        stage_settings(experiment, stage)
        | stage_files(experiment, stage, int(gpu))
        | {"dev_data": {}, "dev_weights": {}, "logging_steps": _STEPS_A_LINE}
        for stage in STAGES
    ]


def in_folder(document: dict[str, Any], folder: Path) -> dict[str, str]:
    """The paths that a stage writes, in a folder of its own."""
    own = folder / document["stage"]
    files = {"output_dir": "model", "work_dir": "work", "tensorboard_dir": "tensorboard", "log_file": "log"}
    return {key: str(own / name) for key, name in files.items()} | {"history_file": str(own / "history.json")}


def trained(document: dict[str, Any], seconds: float, folder: Path) -> dict[str, object]:
    """Train a stage for about so many seconds."""
    if not document["num_epochs"]:
        raise ValueError(f"num_epochs of {document['stage']} is 0: give it 0 minutes")
    speed = trial(document, folder / "trial", seconds)
    share = seconds * speed.steps_per_second / speed.planned
    num_epochs = document["num_epochs"] * _ENDLESS * share
    start = time.monotonic()
    log = Path(document["log_file"])
    with started(document | {"num_epochs": num_epochs}, folder / f"{document['stage']}.yaml") as process:
        code = process.wait()
    if code:
        raise RuntimeError(f"the stage ended with exit code {code}")
    lines = logged(log)
    return {
        "minutes": round((time.monotonic() - start) / 60, 2),
        "steps": lines[-1].step,
        "samples_per_second": round(document["batch_size"] * rate(lines), 1),
        "num_epochs": round(num_epochs, 4),
    }


class Line(NamedTuple):
    """A log line of training: its time in seconds, the step, and how many steps the run has."""

    time: float
    step: int
    planned: int


class Speed(NamedTuple):
    """What a trial found: steps a second, and how many steps the whole run would have."""

    steps_per_second: float
    planned: int


def trial(document: dict[str, Any], folder: Path, seconds: float) -> Speed:
    """Train until the speed is known, and throw the result away.

    Raises:
        RuntimeError: the stage ended, or logged too little in ``seconds`` and a minute.
    """
    own = document | in_folder(document, folder) | {"num_epochs": document["num_epochs"] * _ENDLESS}
    log = Path(own["log_file"])
    with started(own, folder / "trial.yaml") as process:
        end = time.monotonic() + seconds + 60
        while len(lines := logged(log)) < _LINES:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"a trial of {own['stage']} logged {len(lines)} lines of {_LINES}")
            time.sleep(0.1)
    shutil.rmtree(folder)
    return Speed(rate(lines), lines[-1].planned)


@contextmanager
def started(document: dict[str, Any], path: Path) -> Iterator[subprocess.Popen]:
    """A stage in a process of its own, which ends with the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-m", "gaprelm.training", str(path)], stdout=sys.stderr)
    try:
        yield process
    finally:
        # Not SIGTERM, which would write a checkpoint first.
        process.kill()
        process.wait()


def logged(log: Path) -> list[Line]:
    """The lines of training in a log, of which the last may still be written."""
    text = log.read_text(encoding="utf-8") if log.is_file() else ""
    return [
        Line(datetime.strptime(when, "%Y-%m-%d %H:%M:%S,%f").timestamp(), int(step), int(planned))
        for when, step, planned in _LOGGED.findall(text)
    ]


def rate(lines: list[Line]) -> float:
    """Steps a second, from the first line on."""
    first, last = lines[0], lines[-1]
    if last.step == first.step:
        raise RuntimeError(f"only {first.step} steps were trained: too few to know how fast")
    return (last.step - first.step) / (last.time - first.time)


def pack(model: Path, output: Path) -> None:
    """Copy config.json, and the weights in pieces: ``cat model.safetensors.part-* >model.safetensors`` joins them."""
    for old in output.glob("model.safetensors.part-*"):
        old.unlink()
    shutil.copy(model / "config.json", output / "config.json")
    with (model / "model.safetensors").open("rb") as weights:
        for number, piece in enumerate(iter(lambda: weights.read(PIECE), b"")):
            (output / f"model.safetensors.part-{number:02d}").write_bytes(piece)
