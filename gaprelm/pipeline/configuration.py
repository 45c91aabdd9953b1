"""Checks the configuration of an experiment, and converts its values to the types of the schema."""

from __future__ import annotations

import difflib
import json
import logging
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from gaprelm.errors import ConfigurationError
from gaprelm.model.retired import RETIRED_KEYS
from gaprelm.pipeline.consistency import check_rules, named_test_file
from gaprelm.pipeline.written import inside, written_key

logger = logging.getLogger(__name__)

_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def load_schema(path: Path) -> dict[str, Any]:
    """The JSON schema of the configuration."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def checked(
    config: Mapping[str, Any], schema: Mapping[str, Any], written: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The configuration, converted to the types of the schema, and valid by the schema and the rules between keys.

    Args:
        written: the values as texts, from ``gaprelm.pipeline.written.as_written``. A name that YAML read as a number
            becomes this text again; without ``written`` it becomes ``str`` of the number.

    Raises:
        ConfigurationError: the message names the key, the value and the cure.
    """
    values = _cast(_without_retired_keys(deepcopy(dict(config))), schema, schema, written)
    missing = [key for key in schema["properties"] if key not in values]
    if missing:
        raise ConfigurationError(f"configuration key {missing[0]} is missing\n  cure: add it, as in config.yaml")
    errors = sorted(Draft202012Validator(schema).iter_errors(values), key=lambda error: list(map(str, error.path)))
    if errors:
        raise ConfigurationError(_schema_message(errors[0], schema))
    if isinstance(values["test_files"], str):
        values["test_files"] = named_test_file(values["test_files"], values["data_format"])
    check_rules(values)
    return values


def _without_retired_keys(values: dict[str, Any]) -> dict[str, Any]:
    """The configuration without the keys of 0.1.0 that no longer exist. They are ignored if they are switched off.

    Raises:
        ConfigurationError: one of them is switched on.
    """
    for key, retired in RETIRED_KEYS.items():
        if key not in values:
            continue
        value = values.pop(key)
        if (_cast_text(value, ["boolean", "number"]) if isinstance(value, str) else value) != retired.off:
            raise ConfigurationError(
                f"configuration key {key}={value!r} no longer exists: {retired.why}\n  cure: leave {key} out"
            )
        logger.warning("configuration key %s no longer exists and is ignored: %s", key, retired.why)
    return values


def _cast(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], written: Any) -> Any:
    """``value`` converted to a type that ``schema`` allows, if it has another type.

    The command line gives true, false and all nested numbers as strings, and a name like 2024 as a number.
    """
    if "$ref" in schema:
        return _cast(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, written)
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        other = schema.get("additionalProperties")
        other = other if isinstance(other, dict) else {}
        names = {written_key(key, written): item for key, item in value.items()}
        return {key: _cast(item, inner.get(key, other), root, inside(written, key)) for key, item in names.items()}
    if isinstance(value, list) and schema.get("items", {}).get("type") == "number":
        return [_cast(item, schema["items"], root, None) for item in value]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "enum" in schema:
        return next((option for option in schema["enum"] if _text(option) == _text(value)), value)
    if isinstance(value, str) and "string" not in types:
        return _cast_text(value, types)
    if isinstance(value, str) and "null" in types and value.lower() in ("null", "none", ""):
        return None
    if isinstance(value, int | float) and "string" in types:
        return _cast_number(value, written)
    if isinstance(value, float) and "integer" in types and value.is_integer():
        return int(value)
    return value


def _cast_number(value: Any, written: Any) -> Any:
    """The text of a number or truth value whose key expects a text."""
    if isinstance(written, str):
        return written
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | str) else json.dumps(value)


def _cast_text(text: str, types: list[str]) -> Any:
    if "null" in types and text.lower() in ("null", "none", ""):
        return None
    if "boolean" in types and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    for name, convert in (("integer", int), ("number", float)):
        if name in types:
            try:
                return convert(text)
            except ValueError:
                continue
    return text


def _schema_message(error: Any, schema: Mapping[str, Any]) -> str:
    key = ".".join(map(str, error.path))
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = next(name for name in error.instance if name not in known)
        near = (
            difflib.get_close_matches(unknown, known, 1)
            or [name for name in schema["properties"] if unknown in name][:1]
        )
        where = f" in {key}" if key else ""
        hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
        return f"unknown configuration key {unknown}{where}\n  cure: {hint}"
    if error.validator == "enum":
        allowed = ", ".join(_text(option) for option in error.validator_value)
        return f"configuration key {key}={error.instance!r}; expected one of {allowed}"
    cure = "see the comment above it in config.yaml"
    if error.validator == "type" and "string" in error.validator_value and isinstance(error.instance, int | float):
        cure = f"write it in quotes, so that it is read as text: {key}: '{error.instance}'"
    return f"configuration key {key}={error.instance!r}; expected {_expected(error)}\n  cure: {cure}"


def _expected(error: Any) -> str:
    """What the schema asks for in place of a value, in words."""
    if error.validator == "type":
        types = error.validator_value
        return types if isinstance(types, str) else " or ".join(types)
    if error.validator == "pattern":
        return error.schema["description"]
    if error.validator in _BOUNDS:
        return f"{_BOUNDS[error.validator]} {error.validator_value}"
    return error.message
