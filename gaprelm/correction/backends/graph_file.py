"""Checks what an ONNX graph is made of before onnxruntime gets it, without the package onnx.

A graph is a program. Ours are one list of standard operators whose weights lie in the graph or in ``model.safetensors``
beside it; a stranger's could name any other file of the folder, or loop without end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from gaprelm.errors import CheckpointError, shown
from gaprelm.model.checkpoint import WEIGHTS, check_size

# The largest message that the format of the graphs allows.
_LARGEST = (1 << 31) - 1
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST_VARINT = 10
# For each kind of message the fields that hold messages, with their kinds (onnx.proto of ONNX 1.23).
_HOLDS: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
    "tensor": {13: "external"},
}
_DOMAIN = 7
# The last is onnxruntime's own; exports of version 0.1 have some of its operators.
_DOMAINS = ("", "ai.onnx", "com.microsoft")
# Of all messages together; a graph of 12 layers has a tenth of it.
_MOST_FIELDS = 1 << 17
_KEY, _VALUE = 1, 2


class _Field(NamedTuple):
    """A field of a message: its number, and its content if that is bytes."""

    number: int
    content: memoryview | None


def check_graph(path: Path) -> None:
    """Check that a graph has standard operators alone, none in another, and weights from ``model.safetensors`` alone.

    Raises:
        CheckpointError: it is no graph, or has something else.
        OSError: the file cannot be opened.
    """
    check_size(path, _LARGEST)
    try:
        for kind, fields in _messages(memoryview(path.read_bytes())):
            _check(kind, fields)
    except ValueError as error:
        raise CheckpointError(
            f"{path} is not a graph of ours: {error}\n  cure: copy or export the model again"
        ) from error


def _messages(model: memoryview) -> Iterator[tuple[str, list[_Field]]]:
    """Every message of the kinds in ``_HOLDS``, and what lies in it."""
    open_, left = [("model", model)], _MOST_FIELDS
    while open_:
        kind, content = open_.pop()
        fields = list(islice(_fields(content), left))
        left -= len(fields)
        if not left:
            raise ValueError(f"it has {_MOST_FIELDS:,} fields or more")
        yield kind, fields
        holds = _HOLDS.get(kind, {})
        for number, part in fields:
            if number in holds:
                if part is None:
                    raise ValueError(f"field {number} of a {kind} holds a number")
                open_.append((holds[number], part))


def _check(kind: str, fields: list[_Field]) -> None:
    if kind in ("training", "function"):
        raise ValueError(f"found a {kind}; expected operators alone")
    if kind == "attribute" and any(_HOLDS[kind].get(field.number) == "graph" for field in fields):
        raise ValueError("found a graph in an operator, as of a loop; expected none")
    if kind == "node":
        for field in fields:
            if field.number == _DOMAIN and _text(field) not in _DOMAINS:
                raise ValueError(f"found an operator of {shown(_text(field))}; expected standard ones alone")
    if kind == "external":
        values = {field.number: _text(field) for field in fields}
        if values.get(_KEY) == "location" and values.get(_VALUE) != WEIGHTS:
            raise ValueError(f"found weights in {shown(values.get(_VALUE))}; expected {WEIGHTS} beside the graph")


def _text(field: _Field) -> str:
    return bytes(field.content or b"").decode("utf-8", "backslashreplace")


def _fields(message: memoryview) -> Iterator[_Field]:
    """The fields of a message in the encoding of protocol buffers.

    Raises:
        ValueError: it is cut off, or is something else.
    """
    place, end = 0, len(message)
    while place < end:
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        content = None
        if kind == _VARINT:
            _, place = _varint(message, place)
        elif kind == _BYTES:
            size, place = _varint(message, place)
            content = message[place : place + size]
            place += size
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            place += 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"found a field of kind {kind}")
        if place > end or not number:
            raise ValueError("it is cut off, or damaged")
        yield _Field(number, content)


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number in 7-bit parts, the lowest first, and the place after it."""
    if place < len(message) and message[place] < 0x80:  # nearly all are as short as this
        return message[place], place + 1
    value = 0
    for shift, byte in enumerate(message[place : place + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, place + shift + 1
    raise ValueError("it is cut off, or damaged")
