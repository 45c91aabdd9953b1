"""Sentences that must not be trained on: those of dev and test sets, and of the files of ``decontaminate_with``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gaprelm.data.fingerprints import fingerprint
from gaprelm.data.readers import read_records
from gaprelm.data.readers.partners import files_of
from gaprelm.data.records import Record, Sentence
from gaprelm.data.sources import Source
from gaprelm.data.tables import iterate_sentences
from gaprelm.edits.tokens import simplified
from gaprelm.errors import InputError

NONE, SOURCES, SENTENCES = "none", "sources", "sentences"


class HeldOut:
    """Sentences to keep out, compared after NFKC and without blanks.

    Args:
        by: ``sources``: a training sentence is left out when its source is a source of a held-out set, which is how
            MuCGEC's filter list is meant to be used; ``sentences``: when any of its texts (source or reference) is any
            text of a held-out set.
    """

    def __init__(self, by: str) -> None:
        self.by = by
        self._sets: dict[str, set[int]] = {}

    def add_table(self, name: str, path: Path, simplify: bool = False) -> None:
        """Add the sentences of a normalized file under a name.

        Args:
            simplify: simplify them (OpenCC, t2s) before comparing, where only the training text was simplified.
        """
        self._add(name, iterate_sentences(path), simplify)

    def add_list(self, source: Source, simplify: bool = False) -> None:
        """Add the sentences of a file of any format, under its file name; ``simplify`` as in ``add_table``.

        Raises:
            InputError: a record cannot be read, and could therefore not be kept out.
        """
        self._add(Path(files_of(source.path)[0]).name, _records(source), simplify)

    def _add(self, name: str, sentences: Iterable[Sentence | Record], simplify: bool) -> None:
        keys = self._sets.setdefault(name, set())
        for sentence in sentences:
            texts = self._texts(sentence)
            keys.update(map(fingerprint, map(simplified, texts) if simplify else texts))

    def _texts(self, sentence: Sentence | Record) -> Sequence[str]:
        return (sentence.source, *sentence.targets) if self.by == SENTENCES else (sentence.source,)

    def names(self) -> list[str]:
        """The names of the sets."""
        return list(self._sets)

    def holds(self, sentence: Sentence) -> list[str]:
        """Names of the sets that contain the sentence."""
        keys = [fingerprint(text) for text in self._texts(sentence)]
        return [name for name, known in self._sets.items() if not known.isdisjoint(keys)]


def _records(source: Source) -> Iterator[Record]:
    for item in read_records(source.path, source.format):
        if isinstance(item, Record):
            yield item
        elif not item.warning:
            raise InputError(
                f"{item}\n  cure: mend the record; what cannot be read cannot be kept out of the training data"
            )
