"""Finished runs of the ablations on sets that chose nothing: no thresholds, no checkpoint, no form of a model.

    python gaprelm/studies/transfer.py RUN… --select outputs/EXPERIMENT/data/aligned/test_sighan_dev.parquet \
      --tests ../shared/data/sighan_simplified/test1{3,4}_error.txt ../shared/data/lemon/{car,enc,mec,new}.txt

RUN: outputs/EXPERIMENT/ablations/VARIANT/SEED of Gap-ReLM or the tagging baseline. The format of each test file is
recognised; its first 700 sentences that have a reference are scored, without ChERRANT's resources. Prints F0.5 and F1
over edits, at thresholds that are best for either on the sentences of --select. Training sets were not cleaned of these
sets unless they were among the experiment's ``test_files``.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

from gaprelm.correction.decoding import Proposer
from gaprelm.data.readers import valid_records
from gaprelm.data.tables import ScoredSentence, read_scored_sentences
from gaprelm.evaluation.calibration import DevScores, best_thresholds
from gaprelm.evaluation.metrics import BETAS
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.studies.ablations import run as _registers_the_taggers  # noqa: F401
from gaprelm.studies.baselines.tagging import TaggingModel
from gaprelm.studies.baselines.task import TaggingProposer
from gaprelm.training.kinds import load_model
from gaprelm.training.task import Propose

BATCH = 32
SENTENCES = 700


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", type=Path)
    parser.add_argument("--select", required=True, type=Path, help="sentences that choose the thresholds")
    parser.add_argument("--tests", required=True, nargs="+", metavar="FILE")
    args = parser.parse_args()
    annotator = Annotator(Resources.load(None))
    selecting, tests = read_scored_sentences(args.select), {path: sentences_of(path) for path in args.tests}
    for run in args.runs:
        propose = proposer(run / "best_stage_c")
        chosen = scored(selecting, propose, annotator)
        for path, sentences in tests.items():
            found = scored(sentences, propose, annotator)
            points = {
                name: found.metrics(best_thresholds(chosen, BETAS[name], {}, "edits"), name) for name in ("f0.5", "f1")
            }
            figures = "  ".join(f"{name.upper()} {values[name]:.3f}" for name, values in points.items())
            sys.stdout.write(f"{run}  {Path(path).name}  {figures}\n")
            sys.stdout.flush()


def sentences_of(path: str) -> list[ScoredSentence]:
    records = (record for record in valid_records(path, "auto", "skip", []) if record.targets)
    return [ScoredSentence(record.id, record.source, record.targets) for record in islice(records, SENTENCES)]


def proposer(directory: Path) -> Propose:
    model, vocabulary = load_model(directory).eval(), CharacterVocabulary.from_file(directory / "vocab.txt")
    kind = TaggingProposer if isinstance(model, TaggingModel) else Proposer
    return kind(model, vocabulary, BATCH)


def scored(sentences: list[ScoredSentence], propose: Propose, annotator: Annotator) -> DevScores:
    return DevScores(sentences, propose([sentence.source for sentence in sentences]), annotator)


if __name__ == "__main__":
    main()
