"""Reads YAML, with errors that name the file, and a bound on what a few lines can stand for."""

from __future__ import annotations

from typing import Any

import yaml

from gaprelm.errors import ConfigurationError

# Each level of aliases can stand for many times as much as the one below it: nine lines for a thousand million values.
_MOST_VALUES = 100_000


def load_yaml(text: str, name: str, cure: str = "mend the file", loader: type = yaml.SafeLoader) -> Any:
    """The value that a YAML text stands for.

    Args:
        name: of the file, for messages.
        cure: for the message, if the text is not YAML.
        loader: ``yaml.SafeLoader``, or ``yaml.BaseLoader``, which leaves all values as texts.

    Raises:
        ConfigurationError: the text is not YAML, is nested too deeply, or stands for more than 100,000 values.
    """
    try:
        reader = loader(text)  # a control character is an error already here
        try:
            return _read(reader, name)
        finally:
            reader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # also a date or a number that cannot be
        raise ConfigurationError(f"{name}: not YAML ({error})\n  cure: {cure}") from error


def _read(reader: Any, name: str) -> Any:
    node = reader.get_single_node()
    if node is None:
        return None
    if _values(node, {}) > _MOST_VALUES:
        raise ConfigurationError(
            f"{name}: stands for more than {_MOST_VALUES} values, or holds itself\n"
            "  cure: write values out in the place of aliases (*name)"
        )
    return reader.construct_document(node)


def _values(node: Any, known: dict[int, float]) -> float:
    """How many values a node stands for; infinitely many if it holds itself."""
    if id(node) not in known:
        known[id(node)] = float("inf")  # until it has been counted
        children = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = [part for child in children for part in (child if isinstance(child, tuple) else (child,))]
        known[id(node)] = 1 + sum(_values(part, known) for part in parts)
    return known[id(node)]
