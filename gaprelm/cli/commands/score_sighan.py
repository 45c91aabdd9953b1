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
    from gaprelm.scoring.spelling.scored_files import Score

_DEFINITIONS = {
    "official": "the scorer of the task: whole sentences; precision suffers from flagged correct sentences alone",
    "sentence": "as papers do: whole sentences; wrongly corrected ones count in precision",
    "character": "single characters",
    "pycorrector": "as that toolkit publishes: whole sentences; wrongly corrected ones count in recall alone",
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
    parser.add_argument("--truth", metavar="FILE", help="official truth file; - in place of any file: standard input")
    parser.add_argument("--results", metavar="FILE", help="result file in the same format")
    parser.add_argument("--references", metavar="FILE", help="instead: id TAB source TAB reference")
    parser.add_argument("--hypotheses", metavar="FILE", help="and corrected sentences, as for cherrant")
    parser.add_argument("--compare", metavar="FILE", help="results (or hypotheses) of another system")
    parser.add_argument("--year", type=int, choices=(2013, 2014, 2015), default=2015, help="default: 2015")
    parser.add_argument(
        "--task", type=int, choices=(1, 2), help="sub-task of 2013 (default: what the truth file is for)"
    )
    parser.add_argument("--definition", choices=tuple(_DEFINITIONS), default="official", help="default: official")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    _check(args)
    _keep_inputs(args)
    score = _score(args, args.results or args.hypotheses)
    other = _score(args, args.compare) if args.compare else None
    if not score.sentences or (other and not other.sentences):
        raise InputError("no sentence has a reference to be scored against\n  cure: check the references")
    document = score.as_dict() | _uncertainty(score, other)
    if args.json:
        print_json(document)
    else:
        sys.stdout.write(_report(document))
    return 0


def _check(args: argparse.Namespace) -> None:
    official, texts = (args.truth, args.results), (args.references, args.hypotheses)
    only_official = all(official) and not any(texts)
    only_texts = all(texts) and not any(official)
    if not only_official and not only_texts:
        raise ConfigurationError(
            "score sighan needs --truth and --results, or --references and --hypotheses\n  cure: give both of one pair"
        )
    if args.task and args.year != 2013:
        raise ConfigurationError(f"--task with --year {args.year}\n  cure: only 2013 has sub-tasks")
    if args.year == 2013 and args.definition == "official" and args.compare:
        raise ConfigurationError("--compare has no test for the scores of 2013\n  cure: --definition sentence")


def _keep_inputs(args: argparse.Namespace) -> None:
    """Turn the names of the files into paths that can be read more than once."""
    from gaprelm.pipes import keep

    given = [name for name in ("truth", "results", "references", "hypotheses", "compare") if getattr(args, name)]
    for name, path in zip(given, keep([getattr(args, name) for name in given]), strict=True):
        setattr(args, name, Path(path))


def _score(args: argparse.Namespace, path: Path) -> Score:
    """The score of one system's file."""
    from gaprelm.scoring.spelling.scored_files import score_official_files, score_text_files

    if args.truth:
        return score_official_files(args.truth, path, args.year, args.task, args.definition)
    return score_text_files(args.references, path, args.year, args.task, args.definition)


def _uncertainty(score: Score, other: Score | None) -> dict[str, Any]:
    """Interval of the correction F1, and the test against another system; empty where a score has no such rows."""
    import numpy as np

    from gaprelm.scoring.significance import bounds, difference, f_beta, interval
    from gaprelm.scoring.spelling.sighan import Sighan2013CorrectionScore

    if isinstance(score, Sighan2013CorrectionScore) or score.correction is None:
        return {}
    if not score.rows or math.isnan(score.correction.f1):
        return {}
    table, metric = np.array(score.rows, dtype=np.int64), f_beta(1.0)
    result: dict[str, Any] = {"interval": {"of": "correction f1"} | bounds(*interval(table, metric))}
    if other:
        assert not isinstance(other, Sighan2013CorrectionScore), "both files are scored alike"
        compared = difference(table, np.array(other.rows, dtype=np.int64), metric)
        result["compare"] = {"other": other.as_dict()} | compared.as_dict()
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
