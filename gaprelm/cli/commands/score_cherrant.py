"""``gaprelm score cherrant``: precision, recall and F of edits."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaprelm.cli.options import add_extraction, annotator, positive, print_json, with_progress
from gaprelm.errors import InputError

if TYPE_CHECKING:
    from gaprelm.scoring.cherrant.annotation import Annotator
    from gaprelm.scoring.cherrant.comparison import AnnotatedEdit, ComparisonOptions
    from gaprelm.scoring.cherrant.score import CherrantScore
    from gaprelm.scoring.files import ScoringFile
    from gaprelm.scoring.significance import Difference

Edits = list[list["AnnotatedEdit"]]


def add(metrics: Any) -> None:
    """Add the metric to the parser."""
    parser = metrics.add_parser(
        "cherrant",
        help="edits, at character level (MuCGEC)",
        description="ChERRANT at character level: edits of the hypotheses against edits of the references.",
    )
    parser.add_argument(
        "--references", required=True, type=Path, metavar="FILE", help="id TAB source TAB reference …, or M2"
    )
    parser.add_argument(
        "--hypotheses",
        required=True,
        type=Path,
        metavar="FILE",
        help="a sentence a line in that order; or id TAB sentence; or id TAB source TAB hypothesis …; or M2",
    )
    parser.add_argument("--compare", type=Path, metavar="FILE", help="hypotheses of another system")
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
    from gaprelm.scoring.cherrant.comparison import ComparisonOptions
    from gaprelm.scoring.files import read_hypotheses, read_references
    from gaprelm.scoring.significance import difference, f_beta, interval

    options = ComparisonOptions(
        args.unit, args.beta, args.size, frozenset(args.without), args.max_annotators, args.only_references
    )
    part = slice(args.start, args.end)
    references = read_references(args.references)[part]
    files = [read_hypotheses(path)[part] for path in (args.hypotheses, args.compare) if path]
    score, *others = _scores(args, references, files, options)
    if not score.chosen:
        raise InputError("no sentence is left to be scored\n  cure: see --start, --end and --only-references")
    metric = f_beta(options.beta)
    bounds = interval(score.table(), metric)
    compared = difference(score.table(), others[0].table(), metric) if others else None
    if args.json:
        print_json(_document(args, score, bounds, others, compared))
    else:
        sys.stdout.write(_report(args, score, bounds, compared))
    return 0


def _scores(
    args: argparse.Namespace, references: ScoringFile, files: list[ScoringFile], options: ComparisonOptions
) -> list[CherrantScore]:
    from gaprelm.scoring.cherrant.comparison import compare
    from gaprelm.scoring.cherrant.score import CherrantScore
    from gaprelm.scoring.files import check_same_sentences
    from gaprelm.scoring.signature import signature

    for file in files:
        check_same_sentences(references, file)
    needed = not all(file.edits for file in (references, *files))
    extractor = annotator(args) if needed else None
    expected = _edits(references, references, extractor, args.workers)
    numbers = [len({number for number, _ in edits}) or 1 for edits in expected]
    name = signature(extractor, options, numbers, _more(args, references, files[0]))
    return [
        CherrantScore(compare(_edits(file, references, extractor, args.workers), expected, options), options, name)
        for file in files
    ]


def _more(args: argparse.Namespace, references: ScoringFile, hypotheses: ScoringFile) -> dict[str, str]:
    """What a signature has besides: sides whose edits were read, and the range."""
    sides = [name for name, file in (("references", references), ("hypotheses", hypotheses)) if file.edits]
    more = {"m2": "+".join(sides)} if sides else {}
    if args.start is not None or args.end is not None:
        more["sentences"] = f"{args.start or 0}-{'' if args.end is None else args.end}"
    return more


def _edits(file: ScoringFile, references: ScoringFile, extractor: Annotator | None, workers: int) -> Edits:
    """Edits of each sentence: read from M2, or extracted."""
    from gaprelm.scoring.cherrant.score import flat_edits

    if file.edits or extractor is None:
        return list(file.edits)
    pairs = zip(file.sources or references.sources, file.targets, strict=True)
    annotated = with_progress(extractor.annotate(pairs, workers), len(file), "sentences")
    return [flat_edits(sentence) for sentence in annotated]


def _by_type(args: argparse.Namespace, score: CherrantScore) -> dict[str, dict[str, float | int]]:
    from gaprelm.scoring.cherrant.comparison import by_category
    from gaprelm.scoring.cherrant.score import row

    grouped = by_category(score.by_type, args.category)
    return {name: row(grouped[name], score.options.beta) for name in sorted(grouped)}


def _document(
    args: argparse.Namespace,
    score: CherrantScore,
    bounds: tuple[float, float],
    others: list[CherrantScore],
    compared: Difference | None,
) -> dict[str, Any]:
    document = score.as_dict() | {"by_type": _by_type(args, score), "interval": _bounds(*bounds)}
    if compared:
        document["compare"] = {
            "other": others[0].as_dict(),
            "difference": compared.value,
            "interval": _bounds(compared.low, compared.high),
            "p": compared.p,
        }
    return document


def _bounds(low: float, high: float) -> dict[str, float]:
    return {"level": 0.95, "low": low, "high": high}


def _report(
    args: argparse.Namespace, score: CherrantScore, bounds: tuple[float, float], compared: Difference | None
) -> str:
    from gaprelm.scoring.cherrant.score import row
    from gaprelm.scoring.tables import difference_text, interval_text, text_table

    rows = {"all": row(score.counts, score.options.beta)} | (_by_type(args, score) if args.by_type else {})
    name = f"F{score.options.beta:g}"
    lines = [
        text_table(
            ["edits", "TP", "FP", "FN", "P", "R", name], [[key, *values.values()] for key, values in rows.items()]
        ),
        f"{name} {interval_text(*bounds)} over {len(score.chosen):,} sentences",
    ]
    if compared:
        lines.append(difference_text(name, compared))
    return "\n".join([*lines, score.signature]) + "\n"
