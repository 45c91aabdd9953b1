"""Scores of a finished model on test sets, at two of its operating points, with intervals, as a Markdown table.

    python -m gaprelm.studies.scores MODEL --tests outputs/EXPERIMENT/data/aligned/test_*.parquet

MODEL: best_stage_c of an experiment, or an export, with its calibration.json; ``small`` is the model of the package.
The sets are aligned files of the workflow, of which parts were already taken. For each set:

* P, R and F0.5 over ChERRANT's edits at f0.5, and F1 at f1, without resources, with 95 % intervals (bootstrap over
  sentences).
* F0.5 of missing (M), redundant (R) and wrong (S) characters at f0.5; - where a set has none.
* the F1 of whole sentences at f1 as pycorrector counts it (``gaprelm score sighan --definition pycorrector``).
* the share of correct sentences that are changed at f0.5.

Each set is read by the model once. ``--output FILE`` also writes the figures as JSON.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaprelm.correction.corrector import Corrector
from gaprelm.correction.thresholds import read_thresholds
from gaprelm.data.records import ScoredSentence
from gaprelm.data.tables import read_scored_sentences
from gaprelm.edits.proposed import ProposedEdit, Thresholds, corrected
from gaprelm.errors import run_command
from gaprelm.evaluation.metrics import BETAS, reference_set
from gaprelm.json_files import write_json
from gaprelm.model.checkpoint import shipped_or
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.scoring.cherrant.score import ReferenceSet
from gaprelm.scoring.significance import bounds, f_beta, interval
from gaprelm.scoring.spelling.score import pycorrector_level, spelling_items

CAREFUL, EVEN = "f0.5", "f1"
_TYPES = ("M", "R", "S")
_HEADER = ("test set", "P", "R", "F0.5", "M", "R", "S", "F1 (f1)", "pycorrector's F1 (f1)", "touched")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each test set.

    Raises:
        CheckpointError: the model cannot be read, or has no calibration of these points.
        InputError: a file cannot be read.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--tests", required=True, nargs="+", metavar="FILE", type=Path)
    parser.add_argument("--output", metavar="FILE", type=Path)
    args = parser.parse_args(arguments)
    directory = shipped_or(args.model)
    corrector = Corrector.from_pretrained(directory)
    points = {point: read_thresholds(directory, point) for point in (CAREFUL, EVEN)}
    annotator, found = Annotator(Resources.load(None)), {}
    _write("| " + " | ".join(_HEADER) + " |", "|---|" + "--:|" * (len(_HEADER) - 1))
    for path in args.tests:
        sentences = read_scored_sentences(path)
        proposals = corrector.propose([sentence.source for sentence in sentences])
        name = path.stem.removeprefix("test_")
        found[name] = set_scores(sentences, proposals, points, annotator)
        _write(table_row(name, found[name]))
    if args.output:
        write_json(args.output, found)


def _write(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def set_scores(
    sentences: Sequence[ScoredSentence],
    proposals: Sequence[Sequence[ProposedEdit]],
    points: Mapping[str, Thresholds],
    annotator: Annotator,
) -> dict[str, Any]:
    """The scores of a set at each operating point.

    Args:
        sentences: of the set.
        proposals: of each sentence.
        points: thresholds by name of the point, one of ``BETAS``.
        annotator: extracts the edits.

    Returns:
        By point: what ``CherrantScore.as_dict`` has, with ``interval`` (of F, as ``bounds`` gives it), ``by_type`` (F
        by type, only of types that the references have), ``pycorrector`` and ``touched`` (None where no sentence is
        correct); beside them the number of ``sentences``.
    """
    references, scores = reference_set(sentences, annotator), {}
    for point, thresholds in points.items():
        hypotheses = [
            corrected(sentence.source, some, thresholds) for sentence, some in zip(sentences, proposals, strict=True)
        ]
        scores[point] = _edits(references, hypotheses, BETAS[point]) | _sentences(sentences, hypotheses)
    return {"sentences": len(sentences)} | scores


def _edits(references: ReferenceSet, hypotheses: Sequence[str], beta: float) -> dict[str, Any]:
    score = references.score(hypotheses, ComparisonOptions(beta=beta))
    document = score.as_dict()
    by_type = {name: row["f"] for name, row in document["by_type"].items() if row["tp"] + row["fn"]}
    return document | {"interval": bounds(*interval(score.table(), f_beta(beta))), "by_type": by_type}


def _sentences(sentences: Sequence[ScoredSentence], hypotheses: Sequence[str]) -> dict[str, Any]:
    items = spelling_items([s.source for s in sentences], hypotheses, [s.references for s in sentences])
    score = pycorrector_level(items).as_dict()
    return {"pycorrector": score["correction"]["f1"], "touched": score["false_positive_rate"]}


def table_row(name: str, scores: Mapping[str, Any]) -> str:
    """A line of the table, from ``set_scores`` at both points."""
    careful, even = scores[CAREFUL], scores[EVEN]
    touched = "-" if careful["touched"] is None else f"{100 * careful['touched']:.1f} %"
    types = [f"{careful['by_type'][kind]:.3f}" if kind in careful["by_type"] else "-" for kind in _TYPES]
    figures = [f"{careful['precision']:.3f}", f"{careful['recall']:.3f}", _with_interval(careful), *types]
    return "| " + " | ".join([name, *figures, _with_interval(even), f"{even['pycorrector']:.3f}", touched]) + " |"


def _with_interval(score: Mapping[str, Any]) -> str:
    return f"{score['f']:.3f} ({score['interval']['low']:.3f} to {score['interval']['high']:.3f})"


if __name__ == "__main__":
    sys.exit(run_command(main))
