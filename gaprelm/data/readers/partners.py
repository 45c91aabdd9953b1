"""Files that come in pairs: input and truth, erroneous and corrected text."""

from __future__ import annotations

from pathlib import Path

from gaprelm.errors import InputError
from gaprelm.textio import without_compression

# (end of the first file's name before the extension, or its extension; what the partner has in its place)
_TRUTHS = (("TestInput", "TestTruth"), ("_SubTask1", "_SubTask1_Truth"), ("_SubTask2", "_SubTask2_Truth"))
_TEXTS = (("_error", "_correct"), (".src", ".tgt"), (".src", ".trg"))
_FORMATS = ("sighan", "parallel")


def files_of(path: str) -> list[str]:
    """The file at ``path``, or the two of ``A+B``. The names may contain a ``+``: files that exist are tried first."""
    if "+" not in path or Path(path).exists():
        return [path]
    cuts = [place for place, character in enumerate(path) if character == "+"]
    halves = [[path[:cut], path[cut + 1 :]] for cut in cuts]
    return next((both for both in halves if all(Path(half).is_file() for half in both)), halves[0])


def split_path(path: str, data_format: str) -> tuple[Path, Path | None]:
    """The file and its partner, written ``A+B`` or found by its name (SIGHAN, parallel); None if there is no partner.

    Raises:
        InputError: the partner that the name calls for does not exist, or the file is itself the second of a pair.
    """
    files = files_of(path)
    if len(files) == 2:
        return Path(files[0]), Path(files[1])
    main = Path(path)
    if data_format not in _FORMATS or _stands_alone(main):
        return main, None
    if first := first_file(main):
        raise InputError(
            f"{path}: this is the second file of a pair\n"
            f"  cure: name the first one ({first.name}), or write both as FIRST+SECOND"
        )
    candidates = [_renamed(main, own, other) for own, other in (*_TRUTHS, *_TEXTS) if _has(main, own)]
    found = next((candidate for candidate in candidates if candidate.is_file()), None)
    # In the format parallel a name that ends this way may be a coincidence.
    if candidates and not found and data_format == "sighan":
        raise InputError(
            f"{path}: its partner {candidates[0].name} is not beside it\n  cure: write both as FIRST+SECOND"
        )
    return main, found


def first_file(path: Path) -> Path | None:
    """The first file of a pair, given the second (truth, corrected text); None if there is none."""
    if _stands_alone(path):
        return None
    candidates = [_renamed(path, other, own) for own, other in (*_TRUTHS, *_TEXTS) if _has(path, other)]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def is_truth(partner: Path | None) -> bool:
    """Whether a partner holds the truth of a SIGHAN task, by its name."""
    return partner is not None and any(_has(partner, other) for _, other in _TRUTHS)


def _stands_alone(path: Path) -> bool:
    """Whether the extension says that sources and targets are in one file."""
    return without_compression(path).suffix in (".tsv", ".json", ".jsonl")


def _has(path: Path, part: str) -> bool:
    plain = without_compression(path)
    return plain.suffix == part if part.startswith(".") else plain.stem.endswith(part)


def _renamed(path: Path, own: str, other: str) -> Path:
    head, _, tail = path.name.rpartition(own)
    return path.with_name(head + other + tail)
