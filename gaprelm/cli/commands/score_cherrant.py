"""``gaprelm score cherrant``: precision, recall and F of edits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaprelm.cli.options import add_extraction, annotator, positive, print_json, with_progress
from gaprelm.errors import InputError

if TYPE_CHECKING:
    from gaprelm.scoring.cherrant.annotation import AnnotatedSentence
    from gaprelm.scoring.cherrant.score import CherrantScore
    from gaprelm.scoring.significance import Difference


def add(metrics: Any) -> None:
    """Add the metric to the parser."""
    parser = metrics.add_parser(
        "cherrant",
        help="edits, at character level (MuCGEC)",
        description="ChERRANT at character level: edits of the hypotheses against edits of the references.",
    )
    parser.add_argument(
        "--references",
        required=True,
        metavar="FILE",
        help="id TAB source TAB reference …, JSON or M2; -: standard input",
    )
    parser.add_argument(
        "--hypotheses",
        required=True,
        metavar="FILE",
        help="a sentence a line in that order; or id TAB sentence; or id TAB source TAB hypothesis …; or JSON, as "
        "'gaprelm correct --format jsonl' writes; or M2; -: standard input",
    )
    parser.add_argument("--compare", metavar="FILE", help="hypotheses of another system")
    parser.add_argument("--by-type", action="store_true", help="a row for each type of edit")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    _add_comparison(parser)
    add_extraction(parser)
    parser.set_defaults(run=_run)


def _add_comparison(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what counts")
    group.add_argument("--beta", type=float, default=0.5, help="of F (default: 0.5)")
    group.add_argument(
        "--unit",
        choices=("cs", "cse", "ds", "dt"),
        default="cs",
        help="cs: place and text (default); cse: and type; ds: place; dt: single tokens of the place",
    )
    group.add_argument("--size", choices=("all", "single", "multi"), default="all", help="edits of one token, of more")
    group.add_argument("--without", nargs="+", default=[], metavar="TYPE", help="types that do not count, such as W")
    group.add_argument("--max-annotators", type=positive, metavar="N", help="the first N references of a sentence only")
    group.add_argument("--only-references", type=positive, metavar="N", help="only sentences with exactly N references")
    group.add_argument("--start", type=int, metavar="I", help="only sentences from this one on, counted from 0")
    group.add_argument("--end", type=int, metavar="I", help="only sentences before this one")
    group.add_argument(
        "--category",
        type=int,
        choices=(1, 2, 3),
        default=3,
        help="rows of types: 1 first letter, 2 rest, 3 all (default)",
    )


def _run(args: argparse.Namespace) -> int:
    from gaprelm.pipes import keep
    from gaprelm.scoring.cherrant.comparison import ComparisonOptions
    from gaprelm.scoring.cherrant.scored_files import ScoredFiles
    from gaprelm.scoring.significance import difference, f_beta, interval

    options = ComparisonOptions(
        args.unit, args.beta, args.size, frozenset(args.without), args.max_annotators, args.only_references
    )
    references, *hypotheses = map(
        Path, keep([name for name in (args.references, args.hypotheses, args.compare) if name])
    )
    files = ScoredFiles.read(references, hypotheses, args.start, args.end)
    extractor = annotator(args) if files.need_annotator else None
    score, *others = files.scores(options, extractor, args.workers, _progress)
    if not score.chosen:
        raise InputError("no sentence is left to be scored\n  cure: see --start, --end and --only-references")
    metric = f_beta(options.beta)
    limits = interval(score.table(), metric)
    compared = difference(score.table(), others[0].table(), metric) if others else None
    if args.json:
        print_json(_document(args, score, limits, others, compared))
    else:
        sys.stdout.write(_report(args, score, limits, compared))
    return 0


def _progress(sentences: Iterable[AnnotatedSentence], total: int) -> Iterator[AnnotatedSentence]:
    return with_progress(sentences, total, "sentences")


def _by_type(args: argparse.Namespace, score: CherrantScore) -> dict[str, dict[str, float | int]]:
    from gaprelm.scoring.cherrant.comparison import by_category
    from gaprelm.scoring.cherrant.score import row

    grouped = by_category(score.by_type, args.category)
    return {name: row(grouped[name], score.options.beta) for name in sorted(grouped)}


def _document(
    args: argparse.Namespace,
    score: CherrantScore,
    limits: tuple[float, float],
    others: list[CherrantScore],
    compared: Difference | None,
) -> dict[str, Any]:
    from gaprelm.scoring.significance import bounds

    document = score.as_dict() | {"by_type": _by_type(args, score), "interval": bounds(*limits)}
    if compared:
        document["compare"] = {"other": others[0].as_dict()} | compared.as_dict()
    return document


def _report(
    args: argparse.Namespace, score: CherrantScore, limits: tuple[float, float], compared: Difference | None
) -> str:
    from gaprelm.scoring.cherrant.score import row
    from gaprelm.scoring.tables import difference_text, interval_text, text_table

    rows = {"all": row(score.counts, score.options.beta)} | (_by_type(args, score) if args.by_type else {})
    name = f"F{score.options.beta:g}"
    lines = [
        text_table(
            ["edits", "TP", "FP", "FN", "P", "R", name], [[key, *values.values()] for key, values in rows.items()]
        ),
        f"{name} {interval_text(*limits)} over {len(score.chosen):,} sentences",
    ]
    if compared:
        lines.append(difference_text(name, compared))
    return "\n".join([*lines, score.signature]) + "\n"
