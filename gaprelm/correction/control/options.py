"""The options of a correction: what may be changed, how sure the model must be, how many rounds there are."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from gaprelm.characters import CLASSES, HAN, PUNCTUATION
from gaprelm.correction.control.confusions import AlwaysTable, NeverTable, Pairs, always_table, never_table
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.proposed import Thresholds
from gaprelm.errors import ConfigurationError, require, shown
from gaprelm.terms import Terms, terms

ALL = "all"


@dataclass(frozen=True)
class Control:
    """Options of a correction. Every field has a default, so name only what differs. Lists become tuples.

    thresholds: confidence (0 to 1) from which an edit is made, by type (``replace``, ``insert``, ``delete``); used
        instead of the calibrated threshold of the model.
    min_confidence: below this confidence no edit of any type is made.
    max_insert_per_sentence: most characters that are inserted in one sentence; None sets no limit.
    max_insert_ratio: the same, as a share of the sentence's characters; None sets no limit.
    protect: words that are never edited.
    protect_patterns: regular expressions (``re``); text that matches one is never edited.
    protect_names: whether names of people, places and organisations stay; needs the extra ``names``.
    always: pairs (A, B), or a mapping; every A becomes B, whatever the model says. Only protection is stronger.
    never: pairs (A, B), or a mapping; A never becomes B. An empty A stands for an insertion, an empty B for a deletion.
    editable: classes of characters (``gaprelm.characters.CLASSES``, or ``all``) that may be changed, deleted or
        written. An insertion needs an editable character beside it.
    switched_off: types of edits that are not made.
    max_rounds: most rounds; in each round after the first the model reads its own result again. Rounds end early when
        nothing changes.
    by_sentence: whether each sentence is read by itself. By default a line that fits into the model is read whole.

    Raises:
        ConfigurationError: a value cannot be used; the message names the field. Or an extra that it needs is missing.
    """

    thresholds: Thresholds = field(default_factory=dict, hash=False)
    min_confidence: float = 0.0
    max_insert_per_sentence: int | None = None
    max_insert_ratio: float | None = None
    protect: tuple[str, ...] = ()
    protect_patterns: tuple[str, ...] = ()
    protect_names: bool = False
    always: Pairs = ()
    never: Pairs = ()
    editable: tuple[str, ...] = (HAN, PUNCTUATION)
    switched_off: tuple[str, ...] = ()
    max_rounds: int = 1
    by_sentence: bool = False

    def __post_init__(self) -> None:
        for name in ("protect", "protect_patterns", "editable", "switched_off"):
            self._set(name, _strings(name, getattr(self, name)))
        for name in ("always", "never"):
            self._set(name, _pairs(name, getattr(self, name)))
        if ALL in self.editable:
            self._set("editable", CLASSES)
        _check_members("editable", self.editable, (*CLASSES, ALL))
        _check_members("switched_off", self.switched_off, EDIT_TYPES)
        self._set("thresholds", _thresholds(self.thresholds))
        _check_number("min_confidence", self.min_confidence, 1.0)
        _check_number("max_insert_ratio", self.max_insert_ratio, None)
        _check_whole("max_insert_per_sentence", self.max_insert_per_sentence, 0)
        _check_whole("max_rounds", self.max_rounds, 1)
        for name in ("protect_names", "by_sentence"):
            if not isinstance(getattr(self, name), bool):
                raise _bad(name, getattr(self, name), "true or false")
        if self.protect_names:
            require("rjieba")
        self._check_terms()

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # needed because the dataclass is frozen

    def _check_terms(self) -> None:
        for pattern in self.protect_patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise _bad("protect_patterns", pattern, f"a regular expression ({error})") from error
        for text in (text for pair in self.always for text in pair):
            if "\n" in text or "\r" in text:  # as many lines come out as went in
                raise _bad("always", text, "text without line ends")
        empty = [wrong for wrong, _ in self.always if not wrong]
        if "" in self.protect or empty:
            raise _bad("protect" if "" in self.protect else "always", "", "text to look for")
        targets: dict[str, str] = {}
        for wrong, right in self.always:
            if targets.setdefault(wrong, right) != right:
                raise _bad("always", wrong, f"one replacement for it, not both {targets[wrong]!r} and {right!r}")
        if contradiction := set(self.always) & set(self.never):
            raise _bad("never", contradiction.pop(), "a pair that is not in 'always' too")

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> Control:
        """A control from a JSON or YAML object whose keys are names of fields; missing fields have their defaults.

        Raises:
            ConfigurationError: a key is unknown, or a value cannot be used.
        """
        known = [item.name for item in fields(cls)]
        for name in options:
            if name not in known:
                raise ConfigurationError(f"control option {shown(name)} is unknown\n  cure: use {', '.join(known)}")
        return cls(**options)

    @cached_property
    def protected_terms(self) -> Terms:
        """``protect``, prepared for search."""
        return terms(self.protect)

    @cached_property
    def protected_patterns(self) -> tuple[re.Pattern[str], ...]:
        """``protect_patterns``, compiled."""
        return tuple(map(re.compile, self.protect_patterns))

    @cached_property
    def always_table(self) -> AlwaysTable:
        """``always``, prepared for search."""
        return always_table(self.always)

    @cached_property
    def never_table(self) -> NeverTable:
        """``never``, prepared for search."""
        return never_table(self.never)

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle: only the options, because the prepared tables cannot be pickled."""
        return Control.from_dict, (self.as_dict(),)

    def as_dict(self) -> dict[str, Any]:
        """The options as a dictionary for JSON; ``from_dict`` makes the same control of it."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            name: [list(v) if isinstance(v, tuple) else v for v in value] if isinstance(value, tuple) else value
            for name, value in values.items()
        }

    def effective_thresholds(self, calibrated: Thresholds) -> dict[str, float]:
        """The threshold of every type of which edits may be made: this control's, or else the calibrated one.

        Types that have neither threshold, or are switched off, are missing.
        """
        merged = {**calibrated, **self.thresholds}
        return {
            name: max(value, self.min_confidence) for name, value in merged.items() if name not in self.switched_off
        }


def check_thresholds(thresholds: object) -> dict[str, float]:
    """Thresholds by edit type, checked.

    Raises:
        ConfigurationError: a type is unknown, or a value is not a number from 0 to 1.
    """
    if not isinstance(thresholds, Mapping):
        raise _bad("thresholds", thresholds, "a mapping of edit types to numbers")
    for name, value in thresholds.items():
        if name not in EDIT_TYPES:
            raise ConfigurationError(f"threshold for {name!r}; expected one of {', '.join(EDIT_TYPES)}")
        _check_number(f"thresholds: {name}", value, 1.0)
    return {name: float(value) for name, value in thresholds.items()}


def _thresholds(thresholds: object) -> dict[str, float]:
    if isinstance(thresholds, Mapping):  # a value of None leaves the calibrated threshold
        thresholds = {name: value for name, value in thresholds.items() if value is not None or name not in EDIT_TYPES}
    return check_thresholds(thresholds)


def _bad(name: str, value: object, expected: str) -> ConfigurationError:
    return ConfigurationError(f"control option {name}: found {shown(value)}; expected {expected}")


def _strings(name: str, values: object) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise _bad(name, values, "a list of texts")
    result = tuple(values)
    for value in result:
        _check_text(name, value)
    return result


def _pairs(name: str, values: object) -> Pairs:
    if isinstance(values, Mapping):
        values = values.items()
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise _bad(name, values, "pairs of texts, or a mapping")
    result = []
    for value in values:
        pair = tuple(value) if isinstance(value, list | tuple) else ()
        if len(pair) != 2:
            raise _bad(name, value, "a pair of texts")
        for text in pair:
            _check_text(name, text)
        if pair[0] == pair[1]:
            raise _bad(name, pair[0], "two different texts")
        result.append(pair)
    return tuple(result)


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise _bad(name, value, "text")
    if "\0" in value:
        raise _bad(name, value, "text without NUL")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _bad(name, value, "text without lone surrogates") from error


def _check_members(name: str, values: Iterable[str], known: tuple[str, ...]) -> None:
    for value in values:
        if value not in known:
            raise _bad(name, value, f"some of {', '.join(known)}")


def _check_number(name: str, value: object, highest: float | None) -> None:
    if value is None and highest is None:
        return
    limit = highest or sys.float_info.max
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= limit:
        raise _bad(name, value, "a number from 0 to 1" if highest else "a number of at least 0")


def _check_whole(name: str, value: object, lowest: int) -> None:
    if value is None and lowest == 0:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
        raise _bad(name, value, f"a whole number of at least {lowest}")
