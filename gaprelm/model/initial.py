"""The model that stage A starts from: a pretrained BERT, an earlier Gap-ReLM, or a tiny random encoder."""

from __future__ import annotations

import copy
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoTokenizer, BertForMaskedLM

from gaprelm.counts.model import CountModel
from gaprelm.errors import CheckpointError, ConfigurationError
from gaprelm.model.checkpoint import CONFIG, MODEL_TYPE, VOCABULARY, find_checkpoint, read_document, shipped_or
from gaprelm.model.config_file import read_config
from gaprelm.model.configuration import GapReLMConfig
from gaprelm.model.encoder import checked_encoder
from gaprelm.model.modeling import GapReLMModel, set_sinusoidal_positions, tiny_bert
from gaprelm.model.pretrained import file_of, load_bert
from gaprelm.model.vocabulary import CharacterVocabulary

logger = logging.getLogger(__name__)

TINY = "tiny"
_UNKNOWN_SHARE = 0.1
# A Gap-ReLM has one row for each token in its embeddings, which are the infiller's last product too, and one bias.
_ROWS = "encoder.embeddings.word_embeddings.weight"
_BIAS = "infiller_head.predictions.bias"
_A_ROW_A_TOKEN = (
    "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.weight",
    "cls.predictions.decoder.bias",
    "cls.predictions.bias",
)


def initial_model(
    pretrained_model: str,
    switches: dict[str, Any],
    tiny: dict[str, int],
    dropout: float,
    seed: int,
    texts: Iterable[str],
    counts: CountModel | None = None,
) -> tuple[GapReLMModel, CharacterVocabulary]:
    """Build the model and its vocabulary.

    Args:
        pretrained_model: ``tiny``; ``small``, the model that comes with the package; a directory, or a name on the
            Hugging Face hub, of a BERT or a Gap-ReLM.
        switches: arguments of ``GapReLMConfig`` other than ``encoder``.
        tiny: ``layers``, ``hidden_size`` and ``heads`` of the tiny encoder.
        dropout: of the hidden layers; attention has no dropout, so that the fast kernels can be used.
        seed: of all weights that start random.
        texts: the training texts. Their characters are the vocabulary of ``tiny``; those that a Gap-ReLM lacks are
            added to its own.
        counts: for ``enable_counts``. A random encoder starts from them; one that is trained adds nothing of them at
            first, and a Gap-ReLM that has counts keeps its own.

    Raises:
        ConfigurationError: there is no such model, or it is not a BERT.
        CheckpointError: vocabulary and weights do not fit, or the model's limits are below the configured ones.
    """
    limit = switches["max_seq_length"]
    pretrained_model = str(shipped_or(pretrained_model))
    if pretrained_model != TINY and _model_config(pretrained_model).get("model_type") == MODEL_TYPE:
        torch.manual_seed(seed)
        model, vocabulary = with_characters(*_continued(pretrained_model, switches), texts)
        model.counts = model.counts or counts
        return model, vocabulary
    bert, vocabulary = initial_bert(pretrained_model, limit, tiny, dropout, seed, texts)
    model = GapReLMModel.from_bert(bert, GapReLMConfig(encoder=bert.config.to_diff_dict(), **switches))
    model.counts = counts
    if counts is not None and pretrained_model == TINY:
        model.start_from_counts()
    return model, vocabulary


def initial_bert(
    pretrained_model: str,
    max_seq_length: int,
    tiny: dict[str, int],
    dropout: float,
    seed: int,
    texts: Iterable[str],
) -> tuple[BertForMaskedLM, CharacterVocabulary]:
    """The masked language model that a corrector starts from; arguments and errors as for ``initial_model``."""
    torch.manual_seed(seed)
    if pretrained_model == TINY:
        vocabulary = CharacterVocabulary.from_texts(texts)
        bert_config = tiny_bert(len(vocabulary), max_seq_length=max_seq_length, **tiny)
        bert_config.hidden_dropout_prob, bert_config.attention_probs_dropout_prob = dropout, 0.0
        bert = BertForMaskedLM(bert_config)
        set_sinusoidal_positions(bert)
        return bert, vocabulary
    config, vocabulary = _model_config(pretrained_model), _vocabulary(pretrained_model)
    kind = config.get("model_type")
    if kind != "bert":
        raise ConfigurationError(
            f"pretrained_model={pretrained_model} is of type {kind}; expected bert\n"
            "  cure: choose a BERT, for example hfl/chinese-macbert-base or hfl/chinese-roberta-wwm-ext"
        )
    encoder = checked_encoder(config, f"pretrained_model={pretrained_model}: {CONFIG}")
    limits = (encoder["vocab_size"], encoder["max_position_embeddings"])
    _check_limits(pretrained_model, *limits, vocabulary, max_seq_length)
    encoder |= {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": 0.0}
    return of_single_characters(load_bert(pretrained_model, encoder), vocabulary)


def of_single_characters(
    bert: BertForMaskedLM, vocabulary: CharacterVocabulary
) -> tuple[BertForMaskedLM, CharacterVocabulary]:
    """The model and its vocabulary, reduced to single characters and special tokens; these keep their order and logits.

    Of the 21,128 tokens of bert-base-chinese (MacBERT and RoBERTa-wwm have the same) 8,005 remain. Word pieces, words
    and [unused…] are never read or written here, but would take 62 % of the work of every vocabulary projection.
    """
    kept = torch.from_numpy(vocabulary.readable())
    if len(kept) == bert.config.vocab_size:
        return bert, vocabulary
    smaller = CharacterVocabulary([vocabulary.tokens[index] for index in kept])
    logger.info(
        "%s of the model's %s tokens are single characters or special: the others are left out",
        len(kept),
        bert.config.vocab_size,
    )
    config = copy.deepcopy(bert.config)
    config.vocab_size, config.pad_token_id = len(kept), smaller.pad_id
    chosen = BertForMaskedLM(config)
    weights = bert.state_dict()
    chosen.load_state_dict(weights | {name: weights[name][kept] for name in _A_ROW_A_TOKEN})
    return chosen, smaller


def with_characters(
    model: GapReLMModel, vocabulary: CharacterVocabulary, texts: Iterable[str]
) -> tuple[GapReLMModel, CharacterVocabulary]:
    """The model and its vocabulary with the characters of ``texts`` that it lacks, if they occur more than once.

    At first it reads them as [UNK] and never writes them.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    lacking = [c for c, n in counts.items() if n > 1 and not c.isspace() and vocabulary.id_of(c) == vocabulary.unk_id]
    if not lacking:
        return model, vocabulary
    larger = CharacterVocabulary([*vocabulary.tokens, *sorted(lacking)])
    logger.info("%d characters of the training data are added to the vocabulary", len(lacking))
    weights = model.state_dict()
    rows, bias = weights[_ROWS], weights[_BIAS]
    size = max(len(larger), len(rows))
    weights[_ROWS] = torch.cat([rows, rows[:0].new_empty(size - len(rows), rows.shape[1])])
    weights[_BIAS] = torch.cat([bias, bias.new_empty(size - len(bias))])
    weights[_ROWS][len(vocabulary) : len(larger)] = rows[vocabulary.unk_id]
    weights[_BIAS][len(vocabulary) : len(larger)] = bias.min()
    settings = asdict(model.config.settings)
    grown = GapReLMModel(GapReLMConfig(encoder=model.config.encoder | {"vocab_size": size}, **settings))
    _fill(grown, weights)
    grown.counts = model.counts
    return grown, larger


def _fill(model: GapReLMModel, weights: Mapping[str, Tensor]) -> None:
    """Give the model those of the weights that it has; the others stay as they are."""
    names = model.state_dict().keys() - model.all_tied_weights_keys.keys()
    model.load_state_dict({name: weights[name] for name in names & weights.keys()}, strict=False)
    model.tie_weights()


def check_vocabulary(vocabulary: CharacterVocabulary, texts: Iterable[str], name: str) -> None:
    """Check that the vocabulary covers the training texts; a few unknown characters are only logged.

    Raises:
        ConfigurationError: more than a tenth of the characters are unknown.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    # Blanks have no token in a BERT vocabulary.
    known = {c: n for c, n in counts.items() if not c.isspace()}
    unknown = Counter({c: n for c, n in known.items() if vocabulary.id_of(c) == vocabulary.unk_id})
    share = unknown.total() / max(sum(known.values()), 1)
    if not share:
        return
    often = " ".join(character for character, _ in unknown.most_common(10))
    found = f"pretrained_model={name} has no token for {share:.2%} of the characters of the training data ({often} …)"
    if share > _UNKNOWN_SHARE:
        raise ConfigurationError(f"{found}\n  cure: choose an encoder for Chinese text, or pretrained_model=tiny")
    logger.info("%s: they are read as [UNK] and never written", found)


def _model_config(name: str) -> dict[str, Any]:
    path = Path(name) / CONFIG
    if not path.is_file() and Path(name).exists():
        raise ConfigurationError(f"pretrained_model={name}: no {CONFIG} there\n  cure: name a model directory")
    found = file_of(name, CONFIG)
    assert found is not None, "no configuration is an error"
    return read_document(found)


def _vocabulary(name: str) -> CharacterVocabulary:
    path = file_of(name, VOCABULARY)
    if path is not None:
        return CharacterVocabulary.from_file(path)
    if Path(name).is_dir():
        raise ConfigurationError(
            f"pretrained_model={name}: no {VOCABULARY} there\n  cure: put the model's {VOCABULARY} there"
        )
    # Without this argument it would ask whether to run code of the model.
    tokens = AutoTokenizer.from_pretrained(name, trust_remote_code=False).get_vocab()
    return CharacterVocabulary(sorted(tokens, key=tokens.__getitem__), name)


def _check_limits(
    name: str, vocab_size: int, positions: int, vocabulary: CharacterVocabulary, max_seq_length: int
) -> None:
    if len(vocabulary) > vocab_size:
        raise CheckpointError(
            f"pretrained_model={name}: vocab.txt has {len(vocabulary)} tokens, but the weights only {vocab_size}\n"
            "  cure: use the vocab.txt that belongs to the weights"
        )
    if max_seq_length > positions:
        raise CheckpointError(
            f"max_seq_length={max_seq_length}, but pretrained_model={name} has {positions} positions\n"
            f"  cure: set max_seq_length={positions} or less"
        )


def _continued(name: str, switches: dict[str, Any]) -> tuple[GapReLMModel, CharacterVocabulary]:
    """A trained Gap-ReLM with the configured switches; only the size of its insert head cannot be changed."""
    directory = find_checkpoint(name)
    settings, encoder = read_config(directory)
    if settings.max_insert_num != switches["max_insert_num"]:
        raise CheckpointError(
            f"pretrained_model={name} has max_insert_num {settings.max_insert_num}, "
            f"but max_insert_num={switches['max_insert_num']} is set\n"
            f"  cure: set max_insert_num={settings.max_insert_num}"
        )
    vocabulary = _vocabulary(str(directory))
    limits = (encoder["vocab_size"], encoder["max_position_embeddings"])
    _check_limits(name, *limits, vocabulary, switches["max_seq_length"])
    # What the switches leave out is not taken over, and what they add (counting) starts such that it adds nothing.
    saved = GapReLMModel.from_pretrained(directory)
    model = GapReLMModel(GapReLMConfig(encoder=saved.config.encoder, **switches))
    _fill(model, saved.state_dict())
    model.counts = saved.counts if model.config.enable_counts else None
    return model, vocabulary
