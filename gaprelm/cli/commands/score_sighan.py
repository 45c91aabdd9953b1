"""``gaprelm score sighan``: the spelling tasks, officially and as papers count."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaprelm.cli.options import print_json
from gaprelm.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from gaprelm.scoring.spelling.score import SpellingItem
    from gaprelm.scoring.spelling.sighan import Corrections

_DEFINITIONS = {
    "official": "the scorer of the task: whole sentences; precision suffers from flagged correct sentences alone",
    "sentence": "as papers do: whole sentences; wrongly corrected ones count in precision",
    "character": "single characters",
}


def add(metrics: Any) -> None:
    """Add the metric to the parser."""
    parser = metrics.add_parser(
        "sighan",
        help="spelling: detection and correction (SIGHAN 2013, CLP 2014, SIGHAN 2015)",
        description="Scores of the SIGHAN spelling tasks. Definitions: "
        + "; ".join(f"{name} = {text}" for name, text in _DEFINITIONS.items())
        + ".",
    )
    parser.add_argument("--truth", type=Path, metavar="FILE", help="official truth file")
    parser.add_argument("--results", type=Path, metavar="FILE", help="result file in the same format")
    parser.add_argument("--references", type=Path, metavar="FILE", help="instead: id TAB source TAB reference")
    parser.add_argument("--hypotheses", type=Path, metavar="FILE", help="and corrected sentences, as for cherrant")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="results (or hypotheses) of another system")
    parser.add_argument("--year", type=int, choices=(2013, 2014, 2015), default=2015, help="default: 2015")
    parser.add_argument(
        "--task", type=int, choices=(1, 2), help="sub-task of 2013 (default: what the truth file is for)"
    )
    parser.add_argument("--definition", choices=tuple(_DEFINITIONS), default="official", help="default: official")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    _check(args)
    score, *others = scores = [_score(args, path) for path in (args.results or args.hypotheses, args.compare) if path]
    if not all(one.sentences for one in scores):
        raise InputError("no sentence has a reference to be scored against\n  cure: check the references")
    document = score.as_dict() | _uncertainty(score, others)
    if args.json:
        print_json(document)
    else:
        sys.stdout.write(_report(document))
    return 0


def _check(args: argparse.Namespace) -> None:
    files, texts = (args.truth, args.results), (args.references, args.hypotheses)
    if not (all(files) and not any(texts)) and not (all(texts) and not any(files)):
        raise ConfigurationError(
            "score sighan needs --truth and --results, or --references and --hypotheses\n  cure: give both of one pair"
        )
    if args.task and args.year != 2013:
        raise ConfigurationError(f"--task with --year {args.year}\n  cure: only 2013 has sub-tasks")
    if args.year == 2013 and args.definition == "official" and args.compare:
        raise ConfigurationError("--compare has no test for the scores of 2013\n  cure: --definition sentence")


def _score(args: argparse.Namespace, path: Path) -> Any:
    from gaprelm.scoring.spelling import score as spelling
    from gaprelm.scoring.spelling import sighan

    items = _items(args, path)
    if args.definition != "official":
        return {"sentence": spelling.sentence_level, "character": spelling.character_level}[args.definition](items)
    several = next((index for index, item in enumerate(items) if len(item.wanted) > 1), None)
    if several is not None:
        raise InputError(
            f"{args.references}: sentence {several + 1} has several references, and the official scorers know one\n"
            "  cure: --definition sentence, or keep one reference"
        )
    truths, results = [item.wanted[0] for item in items], [item.proposed for item in items]
    if args.year != 2013:
        return sighan.sighan_2015(truths, results, args.year)
    return (sighan.sighan_2013_detection if _task(args) == 1 else sighan.sighan_2013_correction)(truths, results)


def _task(args: argparse.Namespace) -> int:
    """The sub-task of 2013."""
    from gaprelm.scoring.spelling.sighan_files import task_of_2013

    return args.task or (task_of_2013(args.truth) if args.truth else 2)


def _items(args: argparse.Namespace, path: Path) -> list[SpellingItem]:
    from gaprelm.scoring.spelling.score import SpellingItem, spelling_items

    if args.truth:
        truths, results = _official_files(args, path)
        return [SpellingItem(result, [truth]) for truth, result in zip(truths, results, strict=True)]
    from gaprelm.scoring.files import check_same_sentences, read_hypotheses, read_references

    references, hypotheses = read_references(args.references), read_hypotheses(path)
    if references.edits or hypotheses.edits:
        raise InputError(f"{args.references}, {path}: M2 files have no texts to compare\n  cure: give them as TSV")
    check_same_sentences(references, hypotheses)
    several = next((line for line, row in zip(hypotheses.lines, hypotheses.targets, strict=True) if len(row) > 1), None)
    if several is not None:
        raise InputError(f"{path}:{several}: several hypotheses; expected one\n  cure: keep one a sentence")
    return spelling_items(references.sources, [targets[0] for targets in hypotheses.targets], references.targets)


def _official_files(args: argparse.Namespace, path: Path) -> tuple[list[Corrections], list[Corrections]]:
    from gaprelm.scoring.spelling.sighan_files import paired, read_corrections

    old = args.year == 2013
    places_only = old and _task(args) == 1
    truths, results = (read_corrections(file, places_only, trim_lines=old) for file in (args.truth, path))
    return paired(args.truth, truths, path, results, missing_is_empty=old and not places_only)


def _uncertainty(score: Any, others: list[Any]) -> dict[str, Any]:
    """Interval of the correction F1, and the test against another system."""
    import numpy as np

    from gaprelm.scoring.significance import difference, f_beta, interval

    rows = getattr(score, "rows", ())
    if not rows or math.isnan(score.correction.f1):
        return {}
    table, metric = np.array(rows, dtype=np.int64), f_beta(1.0)
    low, high = interval(table, metric)
    result: dict[str, Any] = {"interval": {"of": "correction f1", "level": 0.95, "low": low, "high": high}}
    if others:
        compared = difference(table, np.array(others[0].rows, dtype=np.int64), metric)
        result["compare"] = {
            "other": others[0].as_dict(),
            "difference": compared.value,
            "interval": {"level": 0.95, "low": compared.low, "high": compared.high},
            "p": compared.p,
        }
    return result


def _report(document: dict[str, Any]) -> str:
    from gaprelm.scoring.significance import Difference
    from gaprelm.scoring.tables import difference_text, interval_text, shown, text_table

    keys = ("accuracy", "precision", "recall", "f1")
    levels = [name for name in ("detection", "location", "correction") if name in document]
    rows = [[name, *map(document[name].get, keys)] for name in levels]
    lines = [text_table(["level", "accuracy", "P", "R", "F1"], rows)]
    if "false_positive_rate" in document:
        lines.append(f"false positive rate {shown(document['false_positive_rate'])}")
    if "interval" in document:
        lines.append(f"correction F1 {interval_text(document['interval']['low'], document['interval']['high'])}")
    if "compare" in document:
        other = document["compare"]
        bounds = other["interval"]
        difference = Difference(other["difference"], bounds["low"], bounds["high"], other["p"])
        lines.append(difference_text("correction F1", difference))
    return "\n".join([*lines, f"{document['sentences']:,} sentences", document["signature"]]) + "\n"
