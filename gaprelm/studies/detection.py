"""Where a corrector loses: does it not see wrong characters, or does it not know the right ones?

    python gaprelm/studies/detection.py MODEL… --pairs outputs/EXPERIMENT/data/aligned/test_NAME.parquet

MODEL: best_stage_c directories of Gap-ReLM (template: masks), or of the tagging baseline (rule ablations). Of the
pairs those are taken whose first reference is as long as the source, so that a character is either right or wrong:

* detection: average precision of the score by which wrong characters are found among all: the planner's probability
  of REPLACE; a tagger's probability that the character is not its own.
* character: share of the wrong characters for which the likeliest other character is the right one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from gaprelm.data.tables import read_scored_sentences
from gaprelm.model.inputs import source_half
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.ablations import run as _registers_the_taggers  # noqa: F401
from gaprelm.studies.baselines.tagging import TaggingModel
from gaprelm.training.kinds import load_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", type=Path)
    parser.add_argument("--pairs", required=True, type=Path)
    args = parser.parse_args()
    for path in args.models:
        model, vocabulary = load_model(path).eval(), CharacterVocabulary.from_file(path / "vocab.txt")
        if getattr(model.config, "template", "masks") != "masks" or not (model.config.enable_gap or is_tagger(model)):
            parser.error(f"{path}: found another template than masks, or no planner")
        found, score, right = measured(model, vocabulary, args.pairs)
        sys.stdout.write(
            f"{path}: {found.sum()} wrong characters, detection {average_precision(score, found):.3f}, "
            f"character {right[found].mean():.3f}\n"
        )


def is_tagger(model: GapReLMModel | TaggingModel) -> bool:
    return isinstance(model, TaggingModel)


@torch.inference_mode()
def measured(
    model: GapReLMModel | TaggingModel, vocabulary: CharacterVocabulary, pairs: Path
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of all characters: whether they are wrong, the score of that, whether the likeliest other one is right."""
    parts = []
    for sentence in read_scored_sentences(pairs):
        source, targets = sentence.source, sentence.references
        if not source or not targets or len(targets[0]) != len(source):
            continue
        if len(source) > model.config.max_seq_length - 2:
            continue
        ids, answers = np.array(vocabulary.encode(source)), np.array(vocabulary.encode(targets[0]))
        half = source_half(vocabulary, ids, np.array([len(ids)]))
        inputs = [torch.from_numpy(half[name]) for name in ("source_ids", "source_mask")]
        rows = tagged if is_tagger(model) else planned
        score, logits = rows(model, *inputs, ids, vocabulary)
        logits[torch.arange(len(ids)), ids] = -torch.inf
        parts.append((ids != answers, score, logits.argmax(-1).numpy() == answers))
    return tuple(map(np.concatenate, zip(*parts, strict=True)))


def tagged(model, source, mask, ids, vocabulary) -> tuple[np.ndarray, torch.Tensor]:
    """(n,) 1 - probability of the own character, (n, v) logits."""
    logits = model(source, mask)[1:-1].float()
    return 1 - logits.softmax(-1)[torch.arange(len(ids)), ids].numpy(), logits


def planned(model, source, mask, ids, vocabulary) -> tuple[np.ndarray, torch.Tensor]:
    """(n,) probability of REPLACE, (n, v) the infiller's logits where this character alone is masked."""
    count = len(ids)
    places = torch.arange(1, count + 1)[:, None]
    output = model(
        source.expand(count, -1),
        mask.expand(count, -1),
        torch.full_like(places, vocabulary.mask_id),
        places,
        torch.zeros_like(places),
        torch.ones_like(places, dtype=torch.bool),
        torch.arange(count),
    )
    return output.operation_logits[0, 1:-1].float().softmax(-1)[:, 2].numpy(), output.infill_logits.float()


def average_precision(score: np.ndarray, found: np.ndarray) -> float:
    """Mean precision over the places of the ranking at which a wrong character stands."""
    hits = found[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


if __name__ == "__main__":
    main()
