"""What the parts of ``gpu.py`` measure: models with tagging and counts as the workflow makes them, and examples."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import common
import yaml
from training import SWITCHES

from gaprelm.counts.folds import counts_and_folds
from gaprelm.counts.model import CountModel
from gaprelm.edits.label_rules import LabelRules
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.confusion import ShapeConfusions
from gaprelm.noise.corruption import Corruptor
from gaprelm.stages import JOINT_FINETUNE

if TYPE_CHECKING:
    from gaprelm.model.counted_inputs import CountedInputs
    from gaprelm.model.modeling import GapReLMModel
    from gaprelm.model.vocabulary import CharacterVocabulary
    from gaprelm.training.batches.examples import CleanSentences

FOLDS = 4
_CHARACTERS = range(0x4E00, 0x9FA6)


class Size(NamedTuple):
    """Shape of an encoder, and the tokens of its vocabulary; 0: those of the texts."""

    layers: int
    hidden: int
    heads: int
    vocabulary: int


SIZES = {"small": Size(6, 320, 5, 7000), "macbert": Size(12, 768, 12, 8005)}
QUICK = {"small": Size(2, 40, 5, 0), "macbert": Size(3, 48, 3, 0)}


class Made(NamedTuple):
    """A model, its vocabulary, and what makes the counted inputs of each fold and of other text."""

    size: Size
    model: GapReLMModel
    vocabulary: CharacterVocabulary
    counted: list[CountedInputs]


def made(size: Size) -> Made:
    """A new model with random weights, which starts from counting."""
    from gaprelm.model.counted_inputs import CountedInputs
    from gaprelm.model.initial import initial_model

    counts = counted_models()
    switches = SWITCHES | {"enable_tagging": True, "enable_counts": True}
    shape = {"layers": size.layers, "hidden_size": size.hidden, "heads": size.heads}
    model, vocabulary = initial_model("tiny", switches, shape, 0.1, 1, _known(size.vocabulary), counts[0])
    every = [CountedInputs(each, vocabulary, model.config.settings) for each in (*counts[1:], counts[0])]
    return Made(size._replace(vocabulary=len(vocabulary)), model, vocabulary, every)


def _known(tokens: int) -> list[str]:
    """Texts whose characters and the special tokens are so many tokens."""
    from gaprelm.model.vocabulary import CharacterVocabulary

    texts = common.texts(None)
    missing = tokens - len(CharacterVocabulary.from_texts(texts))
    own = set("".join(texts))
    others = (character for character in map(chr, _CHARACTERS) if character not in own)
    return [*texts, "".join(next(others) for _ in range(missing))]


@cache
def corruptor() -> Corruptor:
    """Errors as the workflow makes them by default."""
    noise: dict[str, Any] = yaml.safe_load((common.ROOT / "config.yaml").read_text(encoding="utf-8"))["noise"]
    return make_corruptor(noise, common.texts(None), 0)


@cache
def counted_models() -> list[CountModel]:
    """The counts of the embedded sample, and those of each fold."""
    texts = common.texts(None)
    pairs = [(corruptor().corrupt(text, f"counts/{number}").source, text) for number, text in enumerate(texts)]
    lookalikes = ShapeConfusions({character for text in texts for character in text})
    return list(counts_and_folds(lambda: texts, pairs, FOLDS, lookalikes.of))


def clean_sentences(sentences: Sequence[str], vocabulary: CharacterVocabulary) -> CleanSentences:
    """Sentences that get new errors each time that they are read, as in training."""
    import numpy as np

    from gaprelm.training.batches.examples import CleanSentences

    lengths = np.array([len(text) for text in sentences])
    rules = LabelRules(SWITCHES["max_insert_num"], SWITCHES["max_seq_length"])
    return CleanSentences(sentences, lengths, corruptor(), vocabulary, rules, JOINT_FINETUNE, FOLDS)
