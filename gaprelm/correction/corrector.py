"""Correct text with a trained model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gaprelm.correction.backends.loading import load_backend
from gaprelm.correction.control.options import Control, check_thresholds
from gaprelm.correction.control.refinement import allowed_edits, refine
from gaprelm.correction.decoding import Proposer
from gaprelm.correction.reading import EditProposer, TextReader
from gaprelm.correction.results import Correction, CorrectionEdit
from gaprelm.correction.thresholds import read_thresholds
from gaprelm.edits.edit import apply_edits
from gaprelm.edits.proposed import ProposedEdit, Thresholds
from gaprelm.errors import ConfigurationError, shown
from gaprelm.model.checkpoint import SHIPPED, find_checkpoint

T = TypeVar("T")
# A window of a stream also ends after this many characters, so that memory stays bounded where texts are long.
_WINDOW_CHARACTERS = 1 << 18


class Corrector:
    """Corrects Chinese text; everything outside its edits comes back unchanged.

    ``Corrector()`` has the model that comes with the package; ``Corrector.from_pretrained`` loads another.

    Args:
        proposer: the model.
        thresholds: confidence from which an edit is made, by type; edits of types that are missing are never made.
            None: those of the model that comes with the package.
        control: what may be changed, for calls that give no control of their own.
    """

    def __init__(
        self,
        proposer: EditProposer | None = None,
        thresholds: Thresholds | None = None,
        control: Control | None = None,
    ) -> None:
        self.thresholds = check_thresholds(read_thresholds(find_checkpoint()) if thresholds is None else thresholds)
        self.control = control or Control()
        self._proposer = proposer or Proposer(*load_backend(find_checkpoint()))

    @classmethod
    def from_pretrained(
        cls,
        directory: str | Path = SHIPPED,
        *,
        device: str | None = None,
        dtype: Any = None,
        backend: str | None = None,
        thresholds: Thresholds | None = None,
        operating_point: str | None = None,
        batch_size: int = 32,
        control: Control | None = None,
    ) -> Corrector:
        """Load a checkpoint (``best_stage_c``), or an export of one, with its calibrated thresholds.

        Args:
            directory: the directory of the model, or the name of a model on the Hugging Face hub; ``small`` is the
                one that comes with the package.
            device: such as ``cpu`` or ``cuda``; by default a GPU if there is one.
            dtype: of the weights: ``float32`` (default), ``bfloat16``, ``float16``, or a torch type.
            backend: ``torch``, or ``onnx`` for a directory that ``gaprelm export`` made, which onnxruntime runs on the
                CPU, without torch; by default ``onnx`` where it can be.
            thresholds: by type; they replace the calibrated ones of these types.
            operating_point: ``f0.5``, ``f1`` or ``f2``; by default the one that the model was trained for.
            batch_size: how many pieces of text go through the model in one forward pass.
            control: what may be changed, for calls that give no control of their own.

        Raises:
            CheckpointError: there is no Gap-ReLM in the directory, a file of it is damaged, or its calibration belongs
                to other weights.
            ConfigurationError: an argument has a value that cannot be used.
        """
        _check_batch_size(batch_size)
        directory = find_checkpoint(directory)
        # The weights are loaded before the thresholds are read: where weights are damaged, the error must say so, and
        # not that the calibration belongs to other weights.
        proposer = Proposer(*load_backend(directory, backend, device, dtype), batch_size)
        return cls(proposer, read_thresholds(directory, operating_point) | dict(thresholds or {}), control)

    def through(self, wrap: Callable[[EditProposer], EditProposer]) -> Corrector:
        """A corrector with the same model, thresholds and control that calls the model through ``wrap(model)``."""
        return Corrector(wrap(self._proposer), self.thresholds, self.control)

    def __call__(self, text: str, control: Control | None = None) -> Correction:
        """Correct one text of any length."""
        return self.correct_batch([text], control)[0]

    correct = __call__

    def correct_batch(
        self, texts: Iterable[str], control: Control | None = None, batch_size: int | None = None
    ) -> list[Correction]:
        """Correct texts of any length, in their order.

        Args:
            texts: a list, or anything else that can be iterated.
            control: used instead of the Corrector's own.
            batch_size: used instead of the Corrector's own.

        Raises:
            ConfigurationError: ``texts`` is a single str, or not all of it are str; ``batch_size`` is below 1.
        """
        texts = _checked(texts, batch_size)
        control = control or self.control
        # With the thresholds the reader can spare the infiller: it need not write what cannot become an edit.
        reader = TextReader(self._proposer, control, batch_size, control.effective_thresholds(self.thresholds))
        return self._refined(texts, reader, control)

    def correct_iter(
        self, texts: Iterable[str], control: Control | None = None, window: int = 1024
    ) -> Iterator[Correction]:
        """Correct a stream of texts in constant memory.

        Args:
            texts: of any length, and any number of them.
            control: used instead of the Corrector's own.
            window: how many texts are read before the first of them is returned, at most.

        Raises:
            ConfigurationError: ``texts`` is a single str, or not all of it are str.
        """
        _refuse_one_text(texts)
        windows = self.correct_windows(((text, None) for text in texts), control, window)
        return (correction for batch in windows for correction, _ in batch)

    def correct_windows(
        self, items: Iterable[tuple[str, T]], control: Control | None = None, window: int = 1024
    ) -> Iterator[list[tuple[Correction, T]]]:
        """Correct a stream of texts, a window at a time.

        Args:
            items: pairs of a text and anything else, which comes back beside the correction of the text.
            control: used instead of the Corrector's own.
            window: how many texts a window holds, at most; fewer where texts are long. The same items give the same
                windows.

        Raises:
            ConfigurationError: the text of an item is not a str.
        """
        for batch in _windows(items, window):
            corrections = self.correct_batch([text for text, _ in batch], control)
            yield list(zip(corrections, (companion for _, companion in batch), strict=True))

    def propose(
        self, texts: Iterable[str], control: Control | None = None, batch_size: int | None = None
    ) -> list[list[ProposedEdit]]:
        """All edits that the control allows, before thresholds and limits of insertion.

        Arguments and errors are those of ``correct_batch``; offsets are those of the whole texts.
        """
        texts = _checked(texts, batch_size)
        control = control or self.control
        reader = TextReader(self._proposer, control, batch_size)
        return allowed_edits(texts, reader, control)

    def correct_and_propose(
        self, texts: Iterable[str], control: Control | None = None, batch_size: int | None = None
    ) -> list[tuple[Correction, list[CorrectionEdit]]]:
        """What ``correct_batch`` and ``propose`` give, for each text; the model reads it only once for both."""
        texts = _checked(texts, batch_size)
        control = control or self.control
        reader = TextReader(self._proposer, control, batch_size)
        proposals = allowed_edits(texts, reader, control)
        corrections = self._refined(texts, reader, control)
        return [
            (correction, [_edit(correction.source, p) for p in proposed])
            for correction, proposed in zip(corrections, proposals, strict=True)
        ]

    def _refined(self, texts: Sequence[str], reader: TextReader, control: Control) -> list[Correction]:
        edits = refine(texts, reader, self.thresholds, control)
        return [_correction(text, made) for text, made in zip(texts, edits, strict=True)]


def _windows(items: Iterable[tuple[str, T]], size: int) -> Iterator[list[tuple[str, T]]]:
    """``items`` in lists of ``size``, or of fewer where texts are long; the same items give the same lists.

    Raises:
        ConfigurationError: the text of an item is not a str.
    """
    batch, characters = [], 0
    for item in items:
        batch.append(item)
        _check_text(item[0])
        characters += len(item[0])
        if len(batch) >= size or characters >= _WINDOW_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _checked(texts: Iterable[str], batch_size: int | None) -> list[str]:
    """The texts, checked, as a list, because a generator gives them only once."""
    _refuse_one_text(texts)
    if batch_size is not None:
        _check_batch_size(batch_size)
    texts = list(texts)
    for text in texts:
        _check_text(text)
    return texts


def _refuse_one_text(texts: Iterable[str]) -> None:
    if isinstance(texts, str):
        raise ConfigurationError(
            "found one text; correct_batch, correct_iter and propose take a list of texts\n  cure: use correct(text)"
        )


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise ConfigurationError(f"found {shown(text)}; expected a text (str)")


def _check_batch_size(size: object) -> None:
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise ConfigurationError(f"batch_size {size!r}; expected a whole number of at least 1")


def _correction(source: str, made: list[ProposedEdit]) -> Correction:
    return Correction(source, apply_edits(source, [p.edit for p in made]), [_edit(source, p) for p in made])


def _edit(source: str, proposal: ProposedEdit) -> CorrectionEdit:
    start, end, text = proposal.edit
    return CorrectionEdit(start, end, source[start:end], text, proposal.type, proposal.confidence)
