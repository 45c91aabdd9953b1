"""The readers: one for each format, a function that takes a path and yields records and problems.

To add a format, write a module here with a function ``read(path, partner)``, name it in ``READERS``, and say in
``recognition.py`` how its files are recognised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from gaprelm.data.readers import cged, clean, columns, excgec, fcgec, lang8, m2, mucgec, sighan, yaclc
from gaprelm.data.readers.partners import split_path
from gaprelm.data.readers.recognition import AUTO, recognise
from gaprelm.data.records import Record
from gaprelm.errors import ConfigurationError, InputError, Problem

Reader = Callable[[Path, Path | None], Iterator[Record | Problem]]

READERS: dict[str, Reader] = {
    "mucgec": mucgec.read,
    "sighan": sighan.read,
    "parallel": columns.read_parallel,
    "ecspell": columns.read_ecspell,
    "lemon": columns.read_lemon,
    "m2": m2.read,
    "excgec": excgec.read,
    "fcgec": fcgec.read,
    "yaclc": yaclc.read,
    "lang8": lang8.read,
    "cged": cged.read,
    "clean": clean.read,
}

logger = logging.getLogger(__name__)


def read_records(path: str, data_format: str) -> Iterator[Record | Problem]:
    """Records and problems of one file, in the order of the file.

    Args:
        path: a file, or ``A+B`` for a file and its partner.
        data_format: a key of ``READERS``, or ``auto``: the format is recognised, and logged.

    Raises:
        ConfigurationError: there is no such format.
        InputError: the file as a whole cannot be read (it is missing, a directory, empty, or UTF-16).
    """
    if data_format not in (*READERS, AUTO):
        raise ConfigurationError(f"data_format={data_format!r}\n  cure: use one of {', '.join((*READERS, AUTO))}")
    if data_format == AUTO:
        data_format, why = recognise(path)
        logger.info("%s: read as %s (%s)", path, data_format, why)
    main, partner = split_path(path, data_format)
    yield from READERS[data_format](main, partner)


def valid_records(path: str, data_format: str, on_bad_record: str, problems: list[Problem]) -> Iterator[Record]:
    """The records of a file, one at a time.

    Args:
        problems: gets the problems of records that were left out, and the warnings.

    Raises:
        InputError: a problem that is not a warning was met and ``on_bad_record`` is ``error``; or there is no record.
    """
    empty = True
    for item in read_records(path, data_format):
        if isinstance(item, Record):
            empty = False
            yield item
        elif on_bad_record == "error" and not item.warning:
            raise InputError.from_problem(item)
        else:
            problems.append(item)
    if empty:
        raise InputError(f"{path}: no record in it\n  cure: check the file and data_format={data_format}")
