"""Scores finished runs of the ablations on sets that were not used to choose thresholds, checkpoints or designs.

    python -m gaprelm.studies.transfer RUN… --select outputs/EXPERIMENT/data/aligned/test_sighan_dev.parquet \
      --tests ../shared/data/sighan_simplified/test1{3,4}_error.txt ../shared/data/lemon/{car,enc,mec,new}.txt

RUN: outputs/EXPERIMENT/ablations/VARIANT/SEED of Gap-ReLM or the tagging baseline. The format of each test file is
recognised; its first 700 sentences that have a reference are scored, without ChERRANT's resources. Prints F0.5 and F1
over edits, each at the thresholds that are best for it on the sentences of --select. The training data may contain
sentences of these sets, unless the sets were among the experiment's ``test_files``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from gaprelm.correction.decoding import Proposer
from gaprelm.correction.reading import TextReader
from gaprelm.data.readers import valid_records
from gaprelm.data.records import ScoredSentence
from gaprelm.data.tables import read_scored_sentences
from gaprelm.errors import run_command
from gaprelm.evaluation.calibration import DevScores, best_thresholds
from gaprelm.evaluation.metrics import BETAS
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.studies.baselines.tagging import TaggingModel
from gaprelm.studies.baselines.task import TaggingProposer
from gaprelm.studies.finished_models import finished_model
from gaprelm.training.task import Propose

BATCH = 32
SENTENCES = 700


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each run and test file.

    Raises:
        CheckpointError: a run's model cannot be read.
        InputError: a file cannot be read.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", type=Path)
    parser.add_argument("--select", required=True, type=Path, help="sentences that choose the thresholds")
    parser.add_argument("--tests", required=True, nargs="+", metavar="FILE")
    args = parser.parse_args(arguments)
    annotator = Annotator(Resources.load(None))
    selecting, tests = read_scored_sentences(args.select), {path: sentences_of(path) for path in args.tests}
    for run in args.runs:
        propose = proposer(run / "best_stage_c")
        chosen = scored(selecting, propose, annotator)
        for path, sentences in tests.items():
            figures = _figures(scored(sentences, propose, annotator), chosen)
            sys.stdout.write(f"{run}  {Path(path).name}  {figures}\n")
            sys.stdout.flush()


def _figures(found: DevScores, chosen: DevScores) -> str:
    """The scores of ``found`` at the thresholds that are best on ``chosen``."""
    values = {
        name: found.metrics(best_thresholds(chosen, BETAS[name], {}, "edits"), name)[name] for name in ("f0.5", "f1")
    }
    return "  ".join(f"{name.upper()} {value:.3f}" for name, value in values.items())


def sentences_of(path: str) -> list[ScoredSentence]:
    """The first sentences of a file that have a reference."""
    records = (record for record in valid_records(path, "auto", "skip", []) if record.targets)
    return [ScoredSentence(record.id, record.source, record.targets) for record in islice(records, SENTENCES)]


def proposer(directory: Path) -> Propose:
    """The function that proposes the edits of a finished model."""
    model, vocabulary = finished_model(directory)
    if isinstance(model, TaggingModel):
        return TextReader(TaggingProposer(model, vocabulary, BATCH))
    return TextReader(Proposer(model, vocabulary, BATCH))


def scored(sentences: list[ScoredSentence], propose: Propose, annotator: Annotator) -> DevScores:
    """The sentences with their proposals, to be scored at any thresholds."""
    return DevScores(sentences, propose([sentence.source for sentence in sentences]), annotator)


if __name__ == "__main__":
    sys.exit(run_command(main))
