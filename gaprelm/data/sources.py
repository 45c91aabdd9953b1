"""Which files an experiment reads: the configuration's file keys as a list of sources for each split."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from gaprelm.data.published import PUBLISHED, is_download
from gaprelm.data.readers.partners import files_of
from gaprelm.data.readers.recognition import AUTO, recognise
from gaprelm.errors import ConfigurationError
from gaprelm.stages import STAGES

T = TypeVar("T")

CLEAN = "clean"
DEV = "dev"
# Keys of an entry that say how its set is used, and not what is read.
_NOT_OF_SOURCES = ("path", "format", "weight", "max_touched")
_PART = re.compile(r"([1-9]\d*)(?:-([1-9]\d*))?/([1-9]\d*)")


@dataclass(frozen=True)
class Source:
    """A file of sentences.

    path: of the file, or ``A+B`` for a file and its partner.
    format: a key of ``gaprelm.data.readers.READERS``.
    part: ``k/n`` or ``k-m/n``: of every n sentences the k-th (to the m-th); None: all.
    repeat: how many times an epoch of training sees each of its pairs: in all stages, or by stage.
    references_as_clean: whether the references are read as clean sentences. Of training pairs: whether they are read so
        too, besides the pairs.
    """

    path: str
    format: str
    part: str | None = None
    repeat: int | Mapping[str, int] = 1
    references_as_clean: bool = False

    def times(self, stage: str) -> int:
        """How many times an epoch of a stage sees each pair; 0: the stage does not train on them."""
        return self.repeat if isinstance(self.repeat, int) else self.repeat.get(stage, 1)

    def as_dict(self) -> dict[str, Any]:
        """The fields that decide which text is read: all except ``repeat``."""
        return {key: value for key, value in asdict(self).items() if key != "repeat"}


def as_list(value: Any) -> list[Any]:
    """The value of a key as a list: a key may hold null, one item or a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def training_sources(config: Mapping[str, Any]) -> list[Source]:
    """The sources of ``train_file`` or of ``datasets``; empty for the embedded sample."""
    entries = [config["train_file"]] if config["datasets"] is None else config["datasets"]
    shared = {"references_as_clean": config["references_as_clean"]}
    return [source for entry in entries for source in _of_entry(entry, config["data_format"], shared)]


def pair_sources(config: Mapping[str, Any]) -> list[Source]:
    """The training sources that are read as pairs."""
    pairs = (source for source in training_sources(config) if source.format != CLEAN)
    return [replace(source, references_as_clean=False) for source in pairs]


def clean_sources(config: Mapping[str, Any]) -> list[Source]:
    """The training sources that are read as clean sentences: of format clean, and those whose references are such."""
    sources = training_sources(config)
    clean = [replace(source, references_as_clean=False) for source in sources if source.format == CLEAN]
    return clean + [source for source in sources if source.format != CLEAN and source.references_as_clean]


def dev_sources(config: Mapping[str, Any]) -> dict[str, list[Source]]:
    """The sources of each dev set, by its split: ``dev``, or ``dev_NAME`` for each of several. Without one: empty."""
    return {split: _of_entry(entry, config["data_format"]) for split, entry in _dev_entries(config).items()}


def dev_weights(config: Mapping[str, Any]) -> dict[str, float]:
    """How much each dev set counts, by its split. A single one has the weight 1."""
    entries = _dev_entries(config)
    return {split: float(entry.get("weight", 1)) if split != DEV else 1.0 for split, entry in entries.items()}


def max_touched(config: Mapping[str, Any]) -> dict[str, float]:
    """The share of correct sentences of a dev set that may be changed, by its split; of sets that limit it."""
    entries = _dev_entries(config)
    found = {split: entry.get("max_touched") for split, entry in entries.items() if isinstance(entry, Mapping)}
    return {split: float(share) for split, share in found.items() if share is not None}


def _dev_entries(config: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of each dev set. ``dev_file`` is one set (a path, paths, or path and format) or several by name."""
    entry = config["dev_file"]
    if entry is None:
        return {}
    if isinstance(entry, Mapping) and "path" not in entry:
        return {f"{DEV}_{name}": entry[name] for name in sorted(entry)}
    return {DEV: entry}


def sources_of_tests(config: Mapping[str, Any]) -> dict[str, list[Source]]:
    """The sources of each test set."""
    tests = config["test_files"] or {}
    return {name: _of_entry(entry, config["data_format"]) for name, entry in tests.items()}


def lists_to_keep_out(config: Mapping[str, Any]) -> list[Source]:
    """The files of ``decontaminate_with``."""
    return [source for entry in as_list(config["decontaminate_with"]) for source in _of_entry(entry, AUTO)]


def all_sources(config: Mapping[str, Any]) -> list[Source]:
    """The sources of all splits, and the lists to keep out of training."""
    tests = [source for sources in sources_of_tests(config).values() for source in sources]
    dev = [source for sources in dev_sources(config).values() for source in sources]
    return [*training_sources(config), *dev, *tests, *lists_to_keep_out(config)]


def repeats(config: Mapping[str, Any], stage: str) -> dict[str, int]:
    """How often an epoch of a stage sees each training file, where not once; by its name in the column ``corpus``."""
    times = {corpus_name(source.path): source.times(stage) for source in training_sources(config)}
    return {name: number for name, number in times.items() if number != 1}


def corpus_name(path: str) -> str:
    """The name that marks a source's sentences: that of its first file."""
    return re.split(r"[/\\]", files_of(path)[0])[-1]


def check_sources(config: Mapping[str, Any]) -> None:
    """Check the rules between the file keys.

    Raises:
        ConfigurationError: naming the key and the cure.
    """
    if config["train_file"] is not None and config["datasets"] is not None:
        raise ConfigurationError(
            "train_file and datasets are both set\n  cure: put the files of train_file into datasets"
        )
    sources = all_sources(config)
    for source in sources:
        if source.part is not None:
            _part(source.part)
    for name, group in {**dev_sources(config), **sources_of_tests(config)}.items():
        if len({source.format == CLEAN for source in group}) > 1:
            raise ConfigurationError(f"{name} mixes the format clean with others\n  cure: make two test sets of it")
        _check_names(name, group)
    for stage in STAGES:
        _check_repeats(training_sources(config), stage)


def _check_repeats(sources: Sequence[Source], stage: str) -> None:
    """See that files of one name are repeated equally, since training tells files by their names."""
    factors: dict[str, int] = {}
    for source in sources:
        name, times = corpus_name(source.path), source.times(stage)
        if factors.setdefault(name, times) != times:
            raise ConfigurationError(
                f"datasets: two files are called {name}, with repeat {factors[name]} and {times} in {stage}\n"
                "  cure: rename one of them, or give both the same repeat"
            )


def _check_names(key: str, group: list[Source]) -> None:
    """See that no two files have the same name: file name and id together identify a sentence of a dev or test set."""
    for name, count in Counter(corpus_name(source.path) for source in group).items():
        if count > 1:
            raise ConfigurationError(
                f"{key}: {count} files are called {name}; expected each name once, since the references of sentences "
                "with one id would be mixed\n  cure: rename them, or make a test set of each"
            )


def selected(items: Iterable[T], part: str | None) -> Iterator[T]:
    """The part of ``items`` that a source takes."""
    first, last, step = _part(part) if part is not None else (1, 1, 1)
    return (item for index, item in enumerate(items) if first <= index % step + 1 <= last)


def _part(text: str) -> tuple[int, int, int]:
    """First, last and number of parts of ``k/n`` or ``k-m/n``."""
    match = _PART.fullmatch(text)
    if match:
        first, step = int(match[1]), int(match[3])
        last = int(match[2] or first)
        if first <= last <= step:
            return first, last, step
    raise ConfigurationError(
        f"part {json.dumps(text)}; expected k/n or k-m/n with k <= m <= n\n"
        "  cure: 1/10 takes the first of every ten sentences, 2-10/10 all others"
    )


def _of_entry(entry: Any, data_format: str, shared: Mapping[str, Any] = MappingProxyType({})) -> list[Source]:
    """One source for each path in a key's value: a path, a list of paths, or a mapping with path and format.

    Args:
        shared: fields of all sources, unless the mapping has its own.
    """
    if not isinstance(entry, Mapping):
        return [Source(path, _format(path, data_format), **shared) for path in as_list(entry)]
    more = {**shared} | {key: value for key, value in entry.items() if key not in _NOT_OF_SOURCES}
    return [Source(path, _format(path, entry["format"]), **more) for path in as_list(entry["path"])]


@cache
def _format(path: str, data_format: str) -> str:
    """The format; ``auto`` is recognised, or looked up if the file will be fetched.

    A file that does not exist stays ``auto``: ``gaprelm.pipeline.consistency`` reports that it is missing.
    """
    first = files_of(path)[0]
    if data_format != AUTO:
        return data_format
    if Path(first).is_file():
        return recognise(path).format
    published = PUBLISHED.get(Path(first).name) if is_download(first, {}) else None
    return (published.format if published else None) or AUTO
