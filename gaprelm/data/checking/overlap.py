"""Sentences of a file that also occur in a test set."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from gaprelm.data.fingerprints import fingerprint
from gaprelm.data.readers import READERS, read_records
from gaprelm.data.readers.partners import files_of
from gaprelm.data.readers.recognition import AUTO
from gaprelm.data.records import Record
from gaprelm.errors import InputError, Problem

SOURCE, SENTENCE = "source", "sentence"


class Hit(NamedTuple):
    """Where a test set contains a record.

    what: ``source``: the record's source is a source of the test set. ``sentence``: otherwise, where one of its texts
        (source or reference) is any text of the test set.
    line: of the test set.
    """

    what: str
    line: int


class TestSet:
    """The sentences of a test set. They are compared after NFKC and without blanks.

    unread: problems of the records that could not be read; overlap with these is not found.

    Args:
        name: a file, or ``FILE:FORMAT``; without a format it is recognised.

    Raises:
        InputError: no sentence can be read.
    """

    __test__ = False  # pytest would take the class for a test, by its name

    def __init__(self, name: str) -> None:
        path, colon, data_format = name.rpartition(":")
        if not colon or data_format not in READERS:
            path, data_format = name, AUTO
        self.name = Path(files_of(path)[0]).name
        self.sentences = 0
        self.unread: list[Problem] = []
        self._lines: dict[str, dict[int, int]] = {SOURCE: {}, SENTENCE: {}}
        for item in read_records(path, data_format):
            if isinstance(item, Record):
                self.sentences += 1
                self._lines[SOURCE].setdefault(fingerprint(item.source), item.line)
                for text in (item.source, *item.targets):
                    self._lines[SENTENCE].setdefault(fingerprint(text), item.line)
            elif not item.warning:
                self.unread.append(item)
        if not self.sentences:
            why = f"{self.unread[0]}" if self.unread else f"{path}: no sentence in it"
            raise InputError(f"{why}\n  cure: name the format as FILE:FORMAT, or mend the test set")

    def find(self, record: Record) -> Hit | None:
        """Where the test set contains the record; None if it does not."""
        keys = [fingerprint(text) for text in (record.source, *record.targets)]
        for what, wanted in ((SOURCE, keys[:1]), (SENTENCE, keys)):
            line = next((self._lines[what][key] for key in wanted if key in self._lines[what]), None)
            if line is not None:
                return Hit(what, line)
        return None


class Overlap:
    """What a file shares with a test set: ``hits`` counts the file's records by ``Hit.what``."""

    def __init__(self, test: TestSet) -> None:
        self.test = test
        self.hits: Counter[str] = Counter()

    def find(self, record: Record) -> Hit | None:
        """Where the test set contains the record, which is then counted as one hit."""
        hit = self.test.find(record)
        if hit:
            self.hits[hit.what] += 1
        return hit
