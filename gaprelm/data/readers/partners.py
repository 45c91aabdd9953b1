"""Files that come in twos: input and truth, erroneous and corrected text."""

from __future__ import annotations

from pathlib import Path

from gaprelm.errors import InputError

# (part of the file's own name, what stands there in its partner's)
_PARTNERS = (
    ("TestInput", "TestTruth"),
    ("_SubTask1", "_SubTask1_Truth"),
    ("_SubTask2", "_SubTask2_Truth"),
    ("_error", "_correct"),
)


def split_path(path: str, data_format: str) -> tuple[Path, Path | None]:
    """The file and its partner: written ``A+B``, or found by its name (SIGHAN only); None where it needs none."""
    if "+" in path and not Path(path).exists():
        first, second = path.split("+", 1)
        return Path(first), Path(second)
    main = Path(path)
    return main, _find(main) if data_format == "sighan" else None


def _find(path: Path) -> Path | None:
    for own, other in _PARTNERS:
        if other in path.name:
            raise InputError(
                f"{path}: this is the second file of a pair\n"
                f"  cure: name the first one ({path.name.replace(other, own)}), or write both as FIRST+SECOND"
            )
        if own in path.name:
            partner = path.with_name(path.name.replace(own, other))
            if not partner.is_file():
                raise InputError(
                    f"{path}: its partner {partner.name} is not beside it\n  cure: write both as FIRST+SECOND"
                )
            return partner
    return None
