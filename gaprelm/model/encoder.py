"""The keys of a BERT's configuration that are used, and the values that they may have. Nothing here imports torch.

This is the list of what a ``config.json`` can say of an encoder. transformers takes more keys, with which a file can
make it read other weights, load kernels, or take memory without end; none of them gets there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gaprelm.errors import CheckpointError, shown
from gaprelm.model.expected import Expected, number, one_of, whole

LEAST_POSITIONS = 3  # [CLS], a character, [SEP]
MOST_POSITIONS = 1 << 14
_CURE = "\n  cure: copy or export the model again"


class _Key(NamedTuple):
    """The value of BERT base, for a configuration without the key, and the values that may be."""

    default: Any
    expected: Expected


# Sizes up to several times those of the largest BERT: 24 layers x 1,024, 119,547 tokens.
_KEYS: Mapping[str, _Key] = {
    "vocab_size": _Key(30522, whole(5, 1 << 18)),
    "hidden_size": _Key(768, whole(1, 1 << 11)),
    "num_hidden_layers": _Key(12, whole(1, 48)),
    "num_attention_heads": _Key(12, whole(1, 128)),
    "intermediate_size": _Key(3072, whole(1, 1 << 13)),
    "hidden_act": _Key("gelu", one_of(("gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish", "tanh"))),
    "hidden_dropout_prob": _Key(0.1, number(0, 1)),
    "attention_probs_dropout_prob": _Key(0.1, number(0, 1)),
    "max_position_embeddings": _Key(512, whole(LEAST_POSITIONS, MOST_POSITIONS)),
    # Source and template have one each.
    "type_vocab_size": _Key(2, whole(2, 16)),
    "initializer_range": _Key(0.02, number(0, 10)),
    "layer_norm_eps": _Key(1e-12, number(1e-30, 1)),
    "pad_token_id": _Key(0, Expected(lambda v: v is None or (type(v) is int and v >= 0), "a token's number")),
    "tie_word_embeddings": _Key(True, one_of((True,))),
    # BERTs for other ends than to read a text.
    "is_decoder": _Key(False, one_of((False,))),
    "add_cross_attention": _Key(False, one_of((False,))),
    "chunk_size_feed_forward": _Key(0, one_of((0,))),
}
# Keys with which transformers would read something else than the weights, or compute in another way.
_REFUSED: Mapping[str, Expected] = {
    **dict.fromkeys(
        ("transformers_weights", "quantization_config", "compression_config", "auto_map", "configuration_files"),
        Expected(lambda v: v is None, "no such key: the weights are those of model.safetensors, as they are"),
    ),
    **dict.fromkeys(
        ("attn_implementation", "_attn_implementation", "_attn_implementation_internal"),
        one_of((None, "sdpa", "eager")),
    ),
    "position_embedding_type": one_of((None, "absolute")),
}


def checked_encoder(config: object, name: str) -> dict[str, Any]:
    """All keys of an encoder that are used, each with its value.

    Args:
        config: the object in the file; null, or a key that is missing, is BERT base.
        name: of the file, for messages.

    Raises:
        CheckpointError: a value cannot be used, or a key asks for other weights than those beside the file.
    """
    if config is None:
        config = {}
    if not isinstance(config, Mapping):
        raise CheckpointError(f"{name}: encoder: found {shown(config)}; expected an object{_CURE}")
    check_refused_keys(config, name)
    values = {key: config.get(key, default) for key, (default, _) in _KEYS.items()}
    for key, (_, expected) in _KEYS.items():
        expected.check(name, key, values[key])
    # transformers takes no whole numbers for these.
    values |= {key: float(values[key]) for key, (default, _) in _KEYS.items() if isinstance(default, float)}
    width, heads, rows = values["hidden_size"], values["num_attention_heads"], values["vocab_size"]
    fits = Expected(lambda v: width % v == 0, f"a number that divides hidden_size {width}")
    fits.check(name, "num_attention_heads", heads)
    inside = Expected(lambda v: v is None or v < rows, f"a number below vocab_size {rows}")
    inside.check(name, "pad_token_id", values["pad_token_id"])
    return values


def check_refused_keys(config: Mapping[str, Any], name: str) -> None:
    """Check that a ``config.json``, or a part of it, asks for nothing that is never done.

    Raises:
        CheckpointError: it does.
    """
    for key, expected in _REFUSED.items():
        if key in config:
            expected.check(name, key, config[key])


def largest_weights(encoder: Mapping[str, Any]) -> int:
    """Bytes that no file of weights with this encoder can have, by far, whatever their type."""
    width, inner = encoder["hidden_size"], encoder["intermediate_size"]
    rows = encoder["vocab_size"] + encoder["max_position_embeddings"] + encoder["type_vocab_size"]
    a_layer = 4 * width * width + 2 * width * inner + 16 * (width + inner)
    # Twice the vocabulary, in case a file holds what is tied twice; the heads; 64-bit numbers.
    return 8 * (2 * rows * (width + 1) + encoder["num_hidden_layers"] * a_layer + 8 * width * (width + 1024) + 65536)
