"""Where a corrector fails on missing and redundant characters: does it not find the place, or not know the character?

    python -m gaprelm.studies.rare_edits MODEL… --pairs outputs/EXPERIMENT/data/aligned/dev_NAME.parquet

MODEL: best_stage_* directories of Gap-ReLM (template: masks or sparse), or ``small``. Of each pair the first reference
counts, if its edits fit the model. Prints:

* gaps: average precision of ranking all gaps by the planner's probability that something is missing.
* deletions: average precision of ranking all characters by the planner's probability of DELETE.
* accuracy of the infiller at the masks of the right template: in place of wrong characters, where one character is
  missing, and where several are.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from gaprelm.data.tables import read_scored_sentences
from gaprelm.edits.alignment import align
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.labels import DELETE, edits_to_labels
from gaprelm.errors import CheckpointError, InputError, run_command
from gaprelm.model.checkpoint import shipped_or
from gaprelm.model.counted_inputs import CountedInputs
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.finished_models import finished_model
from gaprelm.studies.ranking import average_precision
from gaprelm.training.batches.collator import IGNORED, Collator, model_inputs
from gaprelm.training.batches.examples import Example, make_example
from gaprelm.training.development import iterate_batches

_BATCH = 32
_KINDS = ("wrong", "one missing", "several missing")


class Found(NamedTuple):
    """What a model says of some pairs.

    gap_score, gap_missing: (g,) probability that something is missing, and whether it is.
    delete_score, delete_wanted: (n,) probability of DELETE, and whether it is right.
    mask_kind, mask_right: (m,) place in wrong, one missing, several missing; whether the likeliest character is right.
    """

    gap_score: np.ndarray
    gap_missing: np.ndarray
    delete_score: np.ndarray
    delete_wanted: np.ndarray
    mask_kind: np.ndarray
    mask_right: np.ndarray


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each model.

    Raises:
        CheckpointError: a model is no Gap-ReLM of that form, or cannot be read.
        InputError: no pair has a missing and none a redundant character.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", type=Path)
    parser.add_argument("--pairs", required=True, type=Path)
    args = parser.parse_args(arguments)
    for path in args.models:
        model, vocabulary = finished_model(shipped_or(path))
        if not isinstance(model, GapReLMModel) or not model.config.enable_gap or model.config.template == "full":
            raise CheckpointError(
                f"{path} is not a Gap-ReLM with a planner and template masks or sparse\n  cure: name one"
            )
        sys.stdout.write(f"{path}: {_line(measured(model, vocabulary, args.pairs))}\n")


def _line(found: Found) -> str:
    gaps, deletions = (
        f"{average_precision(score, wanted):.3f} of {wanted.sum()}"
        for score, wanted in ((found.gap_score, found.gap_missing), (found.delete_score, found.delete_wanted))
    )
    shares = [
        f"{name} {found.mask_right[found.mask_kind == kind].mean():.3f}"
        for kind, name in enumerate(_KINDS)
        if (found.mask_kind == kind).any()
    ]
    return f"gaps {gaps}, deletions {deletions}, accuracy: {', '.join(shares)}"


def measured(model: GapReLMModel, vocabulary: CharacterVocabulary, pairs: Path) -> Found:
    """What the model says of the pairs of an aligned file."""
    counted = [CountedInputs(model.counts, vocabulary, model.config.settings)] if model.counts else []
    collate = Collator(vocabulary, model.config.settings, counted=counted)
    examples = sorted(_examples(model, vocabulary, pairs), key=lambda example: len(example.source_ids))
    parts = [_of_batch(model, collate(batch)) for batch in iterate_batches(examples, _BATCH)]
    found = Found(*map(np.concatenate, zip(*parts, strict=True))) if parts else None
    if found is None or not found.gap_missing.any() or not found.delete_wanted.any():
        raise InputError(
            f"{pairs}: found no missing, or no redundant character in {len(examples)} pairs; expected both\n"
            "  cure: name the aligned file of a set of such errors"
        )
    return found


def _examples(model: GapReLMModel, vocabulary: CharacterVocabulary, pairs: Path) -> Iterator[Example]:
    rules = LabelRules.of(model.config)
    for sentence in read_scored_sentences(pairs):
        edits = align(sentence.source, sentence.references[0])
        if not rules.reason_left_out(edits_to_labels(len(sentence.source), edits)):
            yield make_example(sentence.source, edits, vocabulary, rules, 0, 0)


def _of_batch(model: GapReLMModel, batch: dict[str, torch.Tensor]) -> Found:
    with torch.inference_mode():
        output = model(**model_inputs(batch))
    assert output.insert_logits is not None, "the planner runs"
    assert output.operation_logits is not None
    assert output.infill_logits is not None, "the batch has a template"
    gaps, operations, answers = batch["insert_counts"], batch["operations"], batch["answers"]
    gap, character, known = gaps != IGNORED, operations != IGNORED, answers != IGNORED
    slots = batch["template_slots"]
    slot = slots.flatten()[batch["mask_index"]]
    followed = functional.pad(slots[:, 1:], (0, 1)).flatten()[batch["mask_index"]] == 2
    kind = torch.where(slot == 0, 0, torch.where((slot == 1) & ~followed, 1, 2))
    parts = (
        1 - output.insert_logits.float().softmax(-1)[..., 0][gap],
        gaps[gap] > 0,
        output.operation_logits.float().softmax(-1)[..., DELETE][character],
        operations[character] == DELETE,
        kind[known],
        (output.infill_logits.argmax(-1) == answers)[known],
    )
    return Found(*(part.numpy() for part in parts))


if __name__ == "__main__":
    sys.exit(run_command(main))
