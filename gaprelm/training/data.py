"""Training examples of a stage, from the files that the workflow made."""

from __future__ import annotations

from pathlib import Path

from transformers import PreTrainedModel

from gaprelm.data.examples import CleanSentences, ExampleSource, FlatPairs, Mixture, write_flat_pairs
from gaprelm.data.tables import read_sentences
from gaprelm.errors import InputError
from gaprelm.noise.building import make_corruptor
from gaprelm.tokenization import CharacterVocabulary
from gaprelm.training.settings import StageSettings


def training_examples(
    settings: StageSettings, model: PreTrainedModel, vocabulary: CharacterVocabulary, directory: Path, write: bool
) -> ExampleSource:
    """Pairs from a flat copy in ``directory``, and clean sentences with new errors every epoch.

    Args:
        write: whether this process makes the flat copy (the others wait for it before they call).

    Raises:
        InputError: there is nothing to train on.
    """
    parts: list[ExampleSource] = []
    rules = settings.label_rules(model)
    if settings.train_data:
        flat = directory / "flat"
        if write and not flat.is_dir():
            write_flat_pairs(Path(settings.train_data), flat, vocabulary, rules, settings.repeats)
        parts.append(FlatPairs(flat))
    if settings.clean_data:
        rows = read_sentences(Path(settings.clean_data))
        corruptor = make_corruptor(settings.noise, (row.source for row in rows), settings.seed)
        sentences = [row.source for row in rows for _ in range(settings.repeats.get(row.corpus, 1))]
        parts.append(CleanSentences(sentences, corruptor, vocabulary, rules, settings.stage))
    examples = parts[0] if len(parts) == 1 else Mixture(parts)
    if not len(examples):
        raise InputError(
            f"{' and '.join(filter(None, (settings.train_data, settings.clean_data)))}: no pair to train on\n"
            "  cure: see data/summary.json for what was left out and why (max_seq_length, max_insert_num, no reference)"
        )
    return examples
