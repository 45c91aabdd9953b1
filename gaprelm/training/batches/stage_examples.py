"""The training examples of a stage, from the files that the workflow made."""

from __future__ import annotations

from pathlib import Path

from transformers import PreTrainedModel

from gaprelm.data.tables import iterate_rows
from gaprelm.errors import InputError
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.noise.building import make_corruptor
from gaprelm.training.batches.examples import CleanSentences, ExampleSource, Mixture
from gaprelm.training.batches.flat import FlatPairs, FlatTexts, write_flat_pairs, write_flat_texts
from gaprelm.training.settings import StageSettings


def training_examples(
    settings: StageSettings, model: PreTrainedModel, vocabulary: CharacterVocabulary, directory: Path, write: bool
) -> ExampleSource:
    """Pairs, and clean sentences that get new errors every epoch; both from flat copies in ``directory``.

    Args:
        write: whether this process makes the flat copies; the others call this when the copies are complete.

    Raises:
        InputError: there is nothing to train on, or the pairs are labelled for another model.
    """
    parts: list[ExampleSource] = []
    folds = len(settings.counts_of_folds)
    rules = settings.training_rules(model)
    if settings.train_data:
        flat = directory / "flat_pairs"
        if write and not flat.is_dir():
            tables, longest = map(Path, settings.train_data), rules.max_seq_length
            write_flat_pairs(tables, flat, vocabulary, rules.edit_types, settings.repeats, longest, folds)
        parts.append(FlatPairs(flat))
    if settings.clean_data:
        file, flat = Path(settings.clean_data), directory / "flat_texts"
        if write and not flat.is_dir():
            write_flat_texts(file, flat, rules, settings.repeats)
        texts = (row["source"] for row in iterate_rows(file, ["source"]))
        corruptor = make_corruptor(settings.noise, texts, settings.seed)
        sentences = FlatTexts(flat)
        parts.append(CleanSentences(sentences, sentences.lengths, corruptor, vocabulary, rules, settings.stage, folds))
    examples = parts[0] if len(parts) == 1 else Mixture(parts)
    if not len(examples):
        raise InputError(
            f"{' and '.join(settings.training_files)}: no pair to train on\n"
            "  cure: see data/summary.json for what was left out and why (max_seq_length, max_insert_num), "
            "and which files have repeat 0 in this stage"
        )
    return examples
