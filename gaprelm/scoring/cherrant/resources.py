"""The data that ChERRANT's substitution cost needs beside readings: thesaurus classes and confusion sets.

They are not part of this project; ``gaprelm resources`` fetches them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gaprelm.errors import InputError, Problem, shown
from gaprelm.textio import read_lines

CLASSES_FILE = "cilin_char_class.tsv"
CONFUSION_FILE = "confusion_dict.txt"
ENVIRONMENT_VARIABLE = "GAPRELM_RESOURCES"


@dataclass(frozen=True)
class Resources:
    """The data that the substitution cost needs beside readings.

    classes: thesaurus class of a character, in three parts (letter, letter, two digits).
    confusions: the characters that a character is confused with, with blanks between them.
    name: their name in signatures: ``none``, or the start of a hash of both files.
    """

    classes: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    confusions: Mapping[str, str] = field(default_factory=dict)
    name: str = "none"

    @classmethod
    def from_directory(cls, directory: str | Path) -> Resources:
        """Read ``cilin_char_class.tsv`` and ``confusion_dict.txt``.

        Raises:
            InputError: a file is missing, or has a line of another form.
        """
        directory = Path(directory)
        files = [directory / CLASSES_FILE, directory / CONFUSION_FILE]
        for path in files:
            if not path.is_file():
                raise InputError(f"{path}: no such file\n  cure: fetch both with: gaprelm resources {directory}")
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
        return cls(_read_classes(files[0]), _read_confusions(files[1]), digest)

    @classmethod
    def load(cls, directory: str | Path | None) -> Resources:
        """The resources in a directory; empty ones if it is None."""
        return cls.from_directory(directory) if directory else cls()


def _read_classes(path: Path) -> dict[str, tuple[str, str, str]]:
    classes = {}
    for line in read_lines(path):
        parts = line.text.split("\t")
        if line.problem or len(parts) != 4:
            problem = line.problem or Problem(
                path, line.number, shown(line.text), "character TAB letter TAB letter TAB two digits"
            )
            raise InputError(f"{problem}\n  cure: fetch the file again with: gaprelm resources {path.parent}")
        classes[parts[0]] = (parts[1], parts[2], parts[3])
    return classes


def _read_confusions(path: Path) -> dict[str, str]:
    confusions = {}
    for line in read_lines(path):
        if line.problem:
            raise InputError(f"{line.problem}\n  cure: fetch the file again with: gaprelm resources {path.parent}")
        character, _, others = line.text.partition(" ")
        confusions[character] = others
    return confusions
