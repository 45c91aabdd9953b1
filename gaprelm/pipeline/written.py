"""Configuration values as they were written. YAML reads the name 2024_01 as the number 202401, and 007 as 7."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from gaprelm.errors import ConfigurationError
from gaprelm.yaml_files import load_yaml


def as_written(files: Iterable[Path], assignments: Iterable[str] = ()) -> dict[str, Any]:
    """All values as texts. Later files win over earlier ones, and the command line wins over the files.

    Args:
        files: configuration files (YAML or JSON).
        assignments: ``KEY=VALUE`` of ``--config``; quotes are removed, as Snakemake does.

    Returns:
        mappings, lists and strings; the keys are texts too.

    Raises:
        ConfigurationError: a file is not YAML, or stands for too many values.
    """
    texts: dict[str, Any] = {}
    for file in files:
        # The base loader leaves every value as text.
        values = load_yaml(Path(file).read_text(encoding="utf-8"), str(file), loader=yaml.BaseLoader)
        _merge(texts, values or {})
    for assignment in assignments:
        key, _, value = assignment.partition("=")
        texts[key] = value.strip("'\"")
    return texts


def check_handed_on(assignments: Iterable[str]) -> None:
    """See that ``--config`` can be handed on to the jobs of a cluster.

    Snakemake writes ``repr`` of these texts into a command, and executor plugins have put that into quotes again.

    Args:
        assignments: ``KEY=VALUE``.

    Raises:
        ConfigurationError: the shell could read one of them as something else.
    """
    for assignment in assignments:
        if repr(assignment) != f"'{assignment}'" or any(sign in assignment for sign in '"$`'):
            raise ConfigurationError(
                f"--config {assignment!r}: the jobs of a cluster get no quotes, $, `, \\ or line ends in this way\n"
                "  cure: put the key into a configuration file, and name it with --configfile"
            )


def written_key(key: Any, texts: Any) -> str:
    """A mapping's key as it was written. A key that YAML did not read as text is looked up in ``texts``."""
    if isinstance(key, str) or not isinstance(texts, Mapping):
        return str(key)
    return next((text for text in texts if yaml.safe_load(text) == key), str(key))


def inside(texts: Any, key: str) -> Any:
    """The texts below a key; None if there are none."""
    return texts.get(key) if isinstance(texts, Mapping) else None


def _merge(texts: dict[str, Any], others: Mapping[str, Any]) -> None:
    for key, value in others.items():
        if isinstance(value, dict) and isinstance(texts.get(key), dict):
            _merge(texts[key], value)
        else:
            texts[key] = value
