"""Correct text with a trained model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import torch

from gaprelm.calibration import read_thresholds
from gaprelm.decoding import ProposedEdit, Proposer, Thresholds, select_edits
from gaprelm.edits.edit import EDIT_TYPES, apply_edits
from gaprelm.errors import CheckpointError, ConfigurationError
from gaprelm.modeling_gaprelm import GapReLMModel
from gaprelm.tokenization import CharacterVocabulary

T = TypeVar("T")


@dataclass(frozen=True)
class CorrectionEdit:
    """One edit of a text.

    start, end: places in the source, in code points, end exclusive; equal for an insertion.
    source, target: what stands there, what should.
    type: ``replace``, ``insert`` or ``delete``.
    confidence: the model's probability of exactly this edit, 0 to 1.
    """

    start: int
    end: int
    source: str
    target: str
    type: str
    confidence: float


@dataclass(frozen=True)
class Correction:
    """A text and its correction; applying ``edits`` to ``source`` gives ``target``."""

    source: str
    target: str
    edits: list[CorrectionEdit]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: source, target and the edits as dictionaries."""
        return asdict(self)


class Corrector:
    """Corrects Chinese text; everything outside its edits comes back unchanged.

    Args:
        model: trained, in evaluation mode.
        vocabulary: the model's.
        thresholds: confidence from which an edit is made, by type; missing types never are.
        batch_size: pieces a forward pass.
    """

    def __init__(
        self, model: GapReLMModel, vocabulary: CharacterVocabulary, thresholds: Thresholds, batch_size: int = 32
    ) -> None:
        self.model, self.thresholds = model, dict(thresholds)
        unknown = sorted(set(self.thresholds) - set(EDIT_TYPES))
        if unknown:
            raise ConfigurationError(f"threshold for {unknown[0]!r}; expected one of {', '.join(EDIT_TYPES)}")
        self._propose = Proposer(model, vocabulary, batch_size)

    @classmethod
    def from_pretrained(
        cls,
        directory: str | Path,
        *,
        device: str | None = None,
        thresholds: Thresholds | None = None,
        operating_point: str | None = None,
        batch_size: int = 32,
    ) -> Corrector:
        """Load a checkpoint (``best_stage_*``) with its calibrated thresholds.

        Args:
            directory: of the checkpoint.
            device: such as ``cpu`` or ``cuda``; by default a GPU where there is one.
            thresholds: instead of the calibrated ones, for the types named.
            operating_point: ``f0.5``, ``f1`` or ``f2``; by default the one that the model was trained for.

        Raises:
            CheckpointError: there is no Gap-ReLM in the directory, or its calibration belongs to other weights.
        """
        directory = Path(directory)
        for name in ("config.json", "model.safetensors", "vocab.txt"):
            if not (directory / name).is_file():
                raise CheckpointError(f"{directory}: no {name} there\n  cure: name a best_stage_* directory")
        model = GapReLMModel.from_pretrained(directory).eval()
        model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        chosen = read_thresholds(directory, operating_point) | dict(thresholds or {})
        return cls(model, CharacterVocabulary.from_file(directory / "vocab.txt"), chosen, batch_size)

    def __call__(self, text: str) -> Correction:
        """Correct one text of any length."""
        return self.correct_batch([text])[0]

    correct = __call__

    def correct_batch(self, texts: Sequence[str]) -> list[Correction]:
        """Correct texts of any length, in their order."""
        # The infiller need not see a sentence in which nothing can become an edit.
        proposals = self._propose(texts, self.thresholds)
        return [self._correction(text, edits) for text, edits in zip(texts, proposals, strict=True)]

    def correct_iter(self, texts: Iterable[str], window: int = 1024) -> Iterator[Correction]:
        """Correct a stream, ``window`` texts at a time, in constant memory."""
        for correction, _ in self.correct_with(((text, None) for text in texts), window):
            yield correction

    def correct_with(self, items: Iterable[tuple[str, T]], window: int = 1024) -> Iterator[tuple[Correction, T]]:
        """As ``correct_iter``, each text with something that comes back beside its correction."""
        stream = iter(items)
        while batch := list(islice(stream, window)):
            corrections = self.correct_batch([text for text, _ in batch])
            yield from zip(corrections, (companion for _, companion in batch), strict=True)

    def propose(self, texts: Sequence[str]) -> list[list[ProposedEdit]]:
        """All edits that the model considers, before thresholds, with offsets into the whole texts."""
        return self._propose(texts)

    def _correction(self, source: str, proposals: list[ProposedEdit]) -> Correction:
        known = [proposal for proposal in proposals if proposal.type in self.thresholds]
        chosen = select_edits(known, self.thresholds)
        edits = [
            CorrectionEdit(
                p.edit.start, p.edit.end, source[p.edit.start : p.edit.end], p.edit.text, p.type, p.confidence
            )
            for p in chosen
        ]
        return Correction(source, apply_edits(source, [p.edit for p in chosen]), edits)
