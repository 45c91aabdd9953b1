"""The counted model: an alphabet, a language model, and the channels, made from text and pairs, kept in one file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gaprelm.counts.alphabet import BOUNDARY_CHARACTER, MOST_CHARACTERS, Alphabet
from gaprelm.counts.channel import Channel, ChannelSettings, Lookalikes, no_lookalikes
from gaprelm.counts.counting import count_ngrams
from gaprelm.counts.counts_file import check_arrays, read_arrays
from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.estimation import estimate
from gaprelm.counts.evidence import Evidence, deletion_evidence, insertion_evidence, replacement_evidence
from gaprelm.counts.gaps import GapChannel
from gaprelm.counts.ngrams import NgramModel
from gaprelm.counts.scores import NEVER, Options, deletions, insertions, nothing, replacements, stream_of
from gaprelm.errors import InputError, shown
from gaprelm.textio import replacing

FORMAT = "gaprelm counts 1"
# Characters of text that are turned into ids at once.
_PIECE = 1 << 22
_CODE_POINTS = 0x110000
_SENTENCE_ENDS = frozenset("。！？…；!?;")
_MARKS_THAT_CLOSE = frozenset("”’」』）)》")


@dataclass(frozen=True)
class CountSettings:
    """How large the model is.

    order: characters of the longest n-gram, 2 to 4.
    least: how often an n-gram of two characters, and of more, has to occur.
    channel: how confusions are smoothed.
    """

    order: int = 3
    least: tuple[int, int] = (2, 2)
    channel: ChannelSettings = field(default_factory=ChannelSettings)


class PlaceScores(NamedTuple):
    """Log-odds of edits against the text as it stands, of several texts one after the other.

    lengths: (texts,) characters of each.
    replace: for each character of all texts what may be meant by it.
    delete: (characters,) float32 that it is one too many.
    insert: for each gap of all texts (of a text one more than characters) what may be missing there.
    """

    lengths: np.ndarray
    replace: Options
    delete: np.ndarray
    insert: Options


class CountModel:
    """What counting knows: n-grams of correct text, and how people err."""

    def __init__(self, alphabet: Alphabet, ngrams: NgramModel, channel: Channel, gaps: GapChannel) -> None:
        self.alphabet, self.ngrams, self.channel, self.gaps = alphabet, ngrams, channel, gaps

    @classmethod
    def build(
        cls,
        texts: Iterable[str],
        errors: ErrorCounts,
        lookalikes: Lookalikes = no_lookalikes,
        settings: CountSettings | None = None,
    ) -> CountModel:
        """Count.

        Args:
            texts: correct sentences, for which the memory is 2 bytes a character.
            errors: of real pairs; their characters are in the alphabet, however rare in the texts.
            lookalikes: characters that look like one.
        """
        settings = settings or CountSettings()
        pieces = list(_code_points(texts))
        frequencies = np.zeros(_CODE_POINTS, dtype=np.int64)
        for piece in pieces:
            frequencies += np.bincount(piece, minlength=_CODE_POINTS)
        required = {character for pair in errors.written for character in pair}
        alphabet = Alphabet.from_counts(frequencies, MOST_CHARACTERS, required)
        for number, piece in enumerate(pieces):
            pieces[number] = alphabet.of_code_points(piece)
        pair, longer = settings.least
        least = [0, pair, *[longer] * (settings.order - 2)]
        levels = estimate(count_ngrams(pieces, settings.order), len(alphabet), least)
        channel = Channel.build(alphabet, levels[0].counts, errors, lookalikes, settings.channel)
        return cls(alphabet, NgramModel.from_levels(levels), channel, GapChannel.build(alphabet, levels, errors))

    def scores(
        self, texts: Sequence[np.ndarray], most: int = 8, *, deletes: bool = True, inserts: bool = True
    ) -> PlaceScores:
        """The log-odds of all edits.

        Args:
            texts: ids (uint16) of each, of ``alphabet``.
            most: characters that are kept of each place and gap.
            deletes, inserts: whether these edits are scored; else they never are.
        """
        stream = stream_of(texts, self.ngrams)
        return PlaceScores(
            np.array([len(text) for text in texts], dtype=np.int64),
            replacements(self.ngrams, self.channel, stream, most),
            deletions(self.ngrams, self.gaps, stream) if deletes else np.full(len(stream.places), NEVER),
            insertions(self.ngrams, self.gaps, stream, most) if inserts else nothing(len(stream.gaps), most),
        )

    def evidence(self, texts: Sequence[np.ndarray], scores: PlaceScores) -> Evidence:
        """What the scores of texts are made of."""
        stream = stream_of(texts, self.ngrams)
        return Evidence(
            replacement_evidence(self.ngrams, self.channel, stream, scores.replace),
            deletion_evidence(self.ngrams, self.gaps, stream, scores.delete),
            insertion_evidence(self.ngrams, self.gaps, stream, scores.insert),
        )

    def __deepcopy__(self, memo: object) -> CountModel:
        """Itself: nothing changes counts, and copies of a model need not hold them twice."""
        return self

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(np.asarray(array).nbytes for array in self._arrays().values())

    @property
    def parameters(self) -> int:
        """How many logarithms the tables hold; their keys and candidates do not count."""
        ngrams = [self.ngrams.unigrams, *(table.rows for table in self.ngrams.tables)]
        return sum(values.size for values in (*ngrams, self.channel.log_odds, self.gaps.log_rates))

    def save(self, path: Path) -> None:
        """Write a file of numpy arrays (.npz), equal for equal models."""
        with replacing(path) as temporary, open(temporary, "wb") as stream:
            np.savez(stream, allow_pickle=False, **self._arrays())

    def _arrays(self) -> dict[str, np.ndarray]:
        parts = {"ngrams": self.ngrams, "channel": self.channel, "gaps": self.gaps}
        named = {f"{part}.{name}": array for part, owner in parts.items() for name, array in owner.arrays().items()}
        return {"format": np.array(FORMAT), "characters": np.array(self.alphabet.characters), **named}

    @classmethod
    def load(cls, path: Path) -> CountModel:
        """Read what ``save`` wrote.

        Raises:
            InputError: the file holds something else, or is cut off.
            OSError: it cannot be opened.
        """
        cure = "cure: count again, or copy or export the model again that it belongs to"
        path.open("rb").close()  # an error of the system is shown as it is
        try:
            named = read_arrays(path)
            if str(named.get("format")) != FORMAT:
                raise InputError(f"{path}: format {shown(str(named.get('format')))}; expected {FORMAT!r}\n  {cure}")
            alphabet = Alphabet(str(named["characters"]))
            check_arrays(named, len(alphabet))
        except (
            *(OSError, EOFError, MemoryError, zipfile.BadZipFile, NotImplementedError, SyntaxError),
            *(ValueError, KeyError, TypeError, OverflowError),
        ) as error:
            raise InputError(f"{path}: no counts ({error!r})\n  {cure}") from error
        parts = {part: _part(named, part) for part in ("ngrams", "channel", "gaps")}
        return cls(
            alphabet,
            NgramModel.from_arrays(parts["ngrams"]),
            Channel.from_arrays(parts["channel"]),
            GapChannel.from_arrays(parts["gaps"]),
        )


def _part(named: dict[str, np.ndarray], part: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(f"{part}."): array for name, array in named.items() if name.startswith(f"{part}.")}


def _code_points(texts: Iterable[str]) -> Iterator[np.ndarray]:
    """The texts as arrays of code points, each text closed by a full stop where it has no end of its own."""
    piece, size = [], 0
    for text in texts:
        if not text:
            continue
        end = text[-2:-1] if text[-1] in _MARKS_THAT_CLOSE else text[-1]
        piece.append(text if end in _SENTENCE_ENDS else text + BOUNDARY_CHARACTER)
        size += len(text)
        if size >= _PIECE:
            yield _joined(piece)
            piece, size = [], 0
    if piece:
        yield _joined(piece)


def _joined(piece: list[str]) -> np.ndarray:
    return np.frombuffer("".join(piece).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
