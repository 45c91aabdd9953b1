"""Training examples of a stage, from the files that the workflow made."""

from __future__ import annotations

from pathlib import Path

from gaprelm.data.examples import CleanSentences, ExampleSource, FlatPairs, write_flat_pairs
from gaprelm.data.tables import read_sentences
from gaprelm.errors import InputError
from gaprelm.modeling_gaprelm import GapReLMModel
from gaprelm.noise.confusion import SoundConfusions
from gaprelm.noise.corruption import Corruptor, NoiseSettings
from gaprelm.tokenization import CharacterVocabulary
from gaprelm.training.settings import StageSettings


def training_examples(
    settings: StageSettings, model: GapReLMModel, vocabulary: CharacterVocabulary, directory: Path, write: bool
) -> ExampleSource:
    """Clean sentences with new errors every epoch, or pairs from a flat copy in ``directory``.

    Args:
        write: whether this process makes the flat copy (the others wait for it before they call).

    Raises:
        InputError: there is nothing to train on.
    """
    examples: ExampleSource
    if settings.online_noise:
        sentences = [row.source for row in read_sentences(Path(settings.train_data))]
        corruptor = Corruptor(NoiseSettings(**settings.noise), SoundConfusions(sentences), settings.seed)
        examples = CleanSentences(sentences, corruptor, vocabulary, settings.label_rules(model))
    else:
        flat = directory / "flat"
        if write and not flat.is_dir():
            write_flat_pairs(Path(settings.train_data), flat, vocabulary, settings.label_rules(model))
        examples = FlatPairs(flat)
    if not len(examples):
        raise InputError(
            f"{settings.train_data}: no pair to train on\n"
            "  cure: see data/summary.json for what was left out and why (max_seq_length, max_insert_num, no reference)"
        )
    return examples
