"""``gaprelm info``: describes a checkpoint."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from typing import Any

from gaprelm.cli.model_options import MODEL_HELP
from gaprelm.cli.options import print_json
from gaprelm.errors import EXIT_WARNINGS, printable, shown
from gaprelm.model.checkpoint import SHIPPED

logger = logging.getLogger(__name__)

_LARGEST_SCORE = 1e9


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "info",
        help="describe a checkpoint",
        description="Encoder, stages, data, thresholds with the scores they gave on dev, and versions of a checkpoint.",
    )
    parser.add_argument("model", nargs="?", default=SHIPPED, metavar="DIR", help=MODEL_HELP)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from gaprelm.model.description import describe

    facts = describe(args.model)
    if args.json:
        print_json(facts)
    else:
        sys.stdout.write("".join(f"{printable(line)}\n" for line in _text(facts)))
    calibration = facts["calibration"]
    if calibration and not calibration["of_these_weights"]:
        logger.warning("calibration.json belongs to other weights: the Corrector refuses it. Calibrate this model")
        return EXIT_WARNINGS
    return 0


def _text(facts: dict[str, Any]) -> Iterator[str]:
    encoder, weights = facts["encoder"], facts["weights"]
    yield facts["directory"]
    yield (
        f"encoder    BERT, {_word(encoder['num_hidden_layers'])} layers x {_word(encoder['hidden_size'])}, "
        f"{_word(encoder['num_attention_heads'])} heads, {_word(encoder['vocab_size'])} tokens"
    )
    yield f"weights    {weights['parameters']:,} parameters, {'/'.join(weights['dtypes'])}, {weights['bytes']:,} bytes"
    if counts := facts["counts"]:
        yield (
            f"counts     n-grams of up to {counts['order']} of {counts['characters']:,} characters, "
            f"{counts['parameters']:,} numbers, {counts['bytes']:,} bytes"
        )
    yield "switches   " + ", ".join(f"{key} {_word(value)}" for key, value in facts["switches"].items())
    yield from _stages(facts["stages"])
    yield from _data(facts["data"])
    yield ""
    yield from _calibration(facts["calibration"])
    yield ""
    yield "versions   " + ", ".join(f"{key} {_word(value)}" for key, value in facts["versions"].items())


def _stages(stages: list[dict[str, Any]]) -> Iterator[str]:
    for stage in stages:
        settings = stage["settings"]
        metrics = ", ".join(f"{_word(key)} {_score(value)}" for key, value in stage["metrics"].items())
        yield (
            f"stage      {_word(stage['stage'])}: {_word(settings.get('num_epochs'))} epochs, batch "
            f"{_word(settings.get('batch_size'))}, learning rate {_word(settings.get('learning_rate'))}, "
            f"seed {_word(settings.get('seed'))}; step {_word(stage['step'])} chosen by {_word(stage['chosen_by'])}"
        )
        if metrics:
            yield f"           dev: {metrics}"
    if not stages:
        yield "stage      unknown: no training_args.json"


def _data(data: dict[str, Any] | None) -> Iterator[str]:
    for name, split in (data or {}).items():
        files = ", ".join(map(_word, split["files"])) if isinstance(split["files"], list) else _word(split["files"])
        yield f"data       {_word(name)}: {_word(split['sentences'])} sentences, {_word(split['format'])}, {files}"
    if not data:
        yield "data       unknown: no data/summary.json beside the checkpoint"


def _calibration(calibration: dict[str, Any] | None) -> Iterator[str]:
    from gaprelm.scoring.tables import text_table

    if calibration is None:
        yield "thresholds not calibrated: 0.5 for all types"
        return
    names = ("replace", "insert", "delete")
    scores = ("precision", "recall", "f0.5", "f1", "f2")
    rows = []
    for point, values in calibration["operating_points"].items():
        marked = f"{_word(point)} (default)" if point == calibration["default"] else _word(point)
        known = values["dev"] or {}
        rows.append(
            [marked, *(values["thresholds"].get(n) for n in names), *(_cell(known.get(score)) for score in scores)]
        )
    yield text_table(("thresholds", *names, *scores), rows)
    yield f"scores on {_word(calibration['dev_sentences'])} dev sentences; {_word(calibration['signature'])}"


def _score(value: object) -> str:
    return f"{value:.4f}" if _is_number(value) else _word(value)


def _cell(value: object) -> object:
    """A score for a table, which formats numbers itself."""
    return value if value is None or _is_number(value) else _word(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST_SCORE


def _word(value: object) -> str:
    """A value of a file in one line, whatever it is."""
    if isinstance(value, dict | list):
        return shown(value)
    text = "–" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace("\n", "\\n")
