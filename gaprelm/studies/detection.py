"""Where a corrector fails: does it not find wrong characters, or does it not know the right ones?

    python -m gaprelm.studies.detection MODEL… --pairs outputs/EXPERIMENT/data/aligned/test_NAME.parquet

MODEL: best_stage_c directories of Gap-ReLM (template: masks), or of the tagging baseline (rule ablations). Only pairs
whose first reference is as long as the source are used, so that each character is either right or wrong. Prints:

* detection: average precision of ranking all characters by how wrong the model takes them to be: by the planner's
  probability of REPLACE, or a tagger's probability of another character.
* character: share of the wrong characters whose most likely other character is the right one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gaprelm.data.tables import ScoredSentence, read_scored_sentences
from gaprelm.edits.labels import REPLACE
from gaprelm.errors import CheckpointError, InputError, run_command
from gaprelm.model.counted_inputs import CountedInputs
from gaprelm.model.inputs import source_half
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines import TAGGING
from gaprelm.studies.baselines.tagging import TaggingModel
from gaprelm.studies.finished_models import finished_model
from gaprelm.studies.ranking import average_precision


class Characters(NamedTuple):
    """The characters of some sentences, one after the other.

    wrong: (n,) bool, whether the character is wrong.
    score: (n,) how wrong the model takes it to be.
    right: (n,) bool, whether the most likely other character is the one of the reference.
    """

    wrong: np.ndarray
    score: np.ndarray
    right: np.ndarray


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each model.

    Raises:
        CheckpointError: a model has another template than masks or no planner, or is a tagger that also inserts.
        InputError: no pair of two texts of equal length has a wrong character.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", type=Path)
    parser.add_argument("--pairs", required=True, type=Path)
    args = parser.parse_args(arguments)
    for path in args.models:
        model, vocabulary = finished_model(path)
        _check_form(model, path)
        found = measured(model, vocabulary, args.pairs)
        sys.stdout.write(
            f"{path}: {found.wrong.sum()} wrong characters, "
            f"detection {average_precision(found.score, found.wrong):.3f}, "
            f"character {found.right[found.wrong].mean():.3f}\n"
        )


def _check_form(model: GapReLMModel | TaggingModel, path: Path) -> None:
    config = model.config
    if isinstance(model, TaggingModel):
        found, right = f"architecture {config.architecture}", config.architecture == TAGGING
    else:
        found = f"template {config.template}, enable_gap {config.enable_gap}"
        right = config.template == "masks" and config.enable_gap
    if not right:
        raise CheckpointError(
            f"{path}: found {found}; expected template masks with enable_gap true, or architecture {TAGGING}\n"
            "  cure: name other models"
        )


@torch.inference_mode()
def measured(model: GapReLMModel | TaggingModel, vocabulary: CharacterVocabulary, pairs: Path) -> Characters:
    """All characters of the sentences that fit the model and are as long as their first reference.

    Raises:
        InputError: no character is wrong.
    """
    lengths = range(1, model.config.max_seq_length - 1)
    sentences = [s for s in read_scored_sentences(pairs) if len(s.references[0]) == len(s.source) in lengths]
    counts = model.counts if isinstance(model, GapReLMModel) else None
    counted = CountedInputs(counts, vocabulary, model.config.settings) if counts else None
    parts = [_of_sentence(model, vocabulary, sentence, counted) for sentence in sentences]
    if not any(part.wrong.any() for part in parts):
        raise InputError(
            f"{pairs}: found no wrong character in {len(sentences)} pairs of equal length; expected spelling errors\n"
            "  cure: name the aligned file of a set of spelling errors"
        )
    return Characters(*map(np.concatenate, zip(*parts, strict=True)))


def _of_sentence(
    model: GapReLMModel | TaggingModel,
    vocabulary: CharacterVocabulary,
    sentence: ScoredSentence,
    counted: CountedInputs | None,
) -> Characters:
    ids, answers = (np.array(vocabulary.encode(text)) for text in (sentence.source, sentence.references[0]))
    lengths = np.array([len(ids)])
    half = source_half(vocabulary, ids, lengths)
    source, mask = (torch.from_numpy(half[name]) for name in ("source_ids", "source_mask"))
    if isinstance(model, TaggingModel):
        score, logits = _tagged(model, source, mask)
    else:
        inputs = counted(ids, lengths) if counted else {}
        score, logits = _planned(model, source, mask, vocabulary.mask_id, inputs)
    logits[torch.arange(len(ids)), ids] = -torch.inf
    return Characters(ids != answers, score, logits.argmax(-1).numpy() == answers)


def _tagged(model: TaggingModel, source: Tensor, mask: Tensor) -> tuple[np.ndarray, Tensor]:
    """(n,) 1 - probability of the source's own character, and (n, v) logits."""
    logits, own = model(source, mask)[1:-1].float(), source[0, 1:-1]
    return 1 - logits.softmax(-1)[torch.arange(len(own)), own].numpy(), logits


def _planned(
    model: GapReLMModel, source: Tensor, mask: Tensor, mask_id: int, counted: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, Tensor]:
    """(n,) probability of REPLACE, and (n, v) the infiller's logits when only this character is masked."""
    count = source.shape[1] - 2
    places = torch.arange(1, count + 1)[:, None]
    output = model(
        source.expand(count, -1),
        mask.expand(count, -1),
        torch.full_like(places, mask_id),
        places,
        torch.zeros_like(places),
        torch.ones_like(places, dtype=torch.bool),
        torch.arange(count),
        **{name: torch.from_numpy(part).expand(count, *part.shape[1:]) for name, part in counted.items()},
    )
    return output.operation_logits[0, 1:-1].float().softmax(-1)[:, REPLACE].numpy(), output.infill_logits.float()


if __name__ == "__main__":
    sys.exit(run_command(main))
