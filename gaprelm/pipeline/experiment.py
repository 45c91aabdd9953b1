"""An experiment: the files that it reads and writes, the splits and parts of its data, and what is made of what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from gaprelm.data.published import is_download
from gaprelm.data.readers.partners import files_of, split_path
from gaprelm.data.sources import (
    CLEAN,
    DEV,
    Source,
    clean_sources,
    dev_sources,
    dev_weights,
    lists_to_keep_out,
    pair_sources,
    sources_of_tests,
)
from gaprelm.errors import ConfigurationError
from gaprelm.model.checkpoint import shipped_or
from gaprelm.model.pretrained_files import corrector_files, pretrained_files
from gaprelm.noise.settings import noise_files
from gaprelm.pipeline.consistency import FETCHED_RESOURCES
from gaprelm.pipeline.selection import resume_point, stage_noise
from gaprelm.scoring.cherrant.resources import CLASSES_FILE, CONFUSION_FILE
from gaprelm.stages import FINAL_STAGE, STAGES, Stage, position, stages_from

TRAIN, TEST = "train", "test_"
_CHECKPOINT_FILES = (
    "config.json",
    "model.safetensors",
    "vocab.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
)
_COUNTS = "counts.npz"


@dataclass(frozen=True)
class Experiment:
    """The files and steps that follow from a configuration. Checks which files exist; writes none.

    A *split* is a set of sentences: ``train`` (pairs), ``clean`` (training sentences that get errors), ``dev`` (or
    ``dev_NAME`` for each of several dev sets), and ``test_NAME`` for each test set. A *part* is what one job aligns and
    labels: a shard of the training pairs (``train.2-of-3``), or a whole dev or test set.

    config: as ``gaprelm.pipeline.configuration.checked`` returns it.
    schema: of the configuration.
    shards: Snakemake's names of the shards.

    Raises:
        ConfigurationError: ``resume_from`` names no checkpoint, one without the counts that it would need, or the
            directory that its stage is going to write.
    """

    config: Mapping[str, Any]
    schema: Mapping[str, Any]
    shards: Sequence[str] = ("1-of-1",)

    def __post_init__(self) -> None:
        stage, directory = self.resumed
        if stage and directory and Path(directory).resolve() == Path(self.result(STAGES[stage])).resolve():
            raise ConfigurationError(
                f"resume_from={directory} is what this stage is going to write\n"
                "  cure: set another experiment_name, or copy the directory"
            )
        if directory and self.config["enable_counts"] and not (Path(directory) / _COUNTS).is_file():
            raise ConfigurationError(
                f"resume_from={directory}: no {_COUNTS} there\n  cure: set enable_counts=false, as it was trained"
            )

    # ---------------------------------------------------------------- folders and files

    @cached_property
    def folder(self) -> str:
        """The folder below which the experiment writes everything."""
        # Snakemake takes a path and the same one with // for two.
        return re.sub("/+", "/", f"{self.config['output_dir']}/{self.config['experiment_name']}")

    @property
    def initial(self) -> str:
        """Directory of the model that training starts from."""
        return f"{self.folder}/initial"

    @property
    def model(self) -> str:
        """Directory of the trained model."""
        return self.result(FINAL_STAGE)

    def result(self, stage: Stage) -> str:
        """Directory of a stage's result."""
        return f"{self.folder}/{stage.directory}"

    def checkpoint(self, directory: str) -> list[str]:
        """The files of a saved model of this experiment."""
        names = [*_CHECKPOINT_FILES, *([_COUNTS] if self.config["enable_counts"] else [])]
        return [f"{directory}/{name}" for name in names]

    def table(self, step: str, name: str) -> str:
        """The table that a step of the data writes for a split or part."""
        return f"{self.folder}/data/{step}/{name}.parquet"

    def counts(self, step: str, name: str) -> str:
        """The file beside a step's table with what the step counted."""
        return f"{self.folder}/data/{step}/{name}.json"

    # ---------------------------------------------------------------- splits and what they are read from

    @property
    def uses_sample(self) -> bool:
        """Whether the embedded sample stands in for training, dev and test data."""
        return self.config["train_file"] is None and self.config["datasets"] is None

    @cached_property
    def dev_weights(self) -> dict[str, float]:
        """The dev sets by their splits, and how much each of them counts."""
        return {DEV: 1.0} if self.uses_sample else dev_weights(self.config)

    @property
    def has_dev(self) -> bool:
        return bool(self.dev_weights)

    @cached_property
    def tests(self) -> list[str]:
        """Names of the test sets."""
        return ["sample"] if self.uses_sample else sorted(self.config["test_files"] or {})

    @cached_property
    def training_splits(self) -> list[str]:
        return [CLEAN] if self.uses_sample else [split for split in (TRAIN, CLEAN) if self.sources(split)]

    @cached_property
    def held_out_splits(self) -> list[str]:
        """Dev and test sets."""
        return [*self.dev_weights, *(f"{TEST}{test}" for test in self.tests)]

    @property
    def splits(self) -> list[str]:
        return [*self.training_splits, *self.held_out_splits]

    def sources(self, split: str) -> list[Source]:
        """The sources that a split is read from. Training data are two splits: clean sentences, and pairs."""
        if self.uses_sample:
            name = {CLEAN: "train", "test_sample": "test"}.get(split, split)
            return [Source(f"{self.folder}/data/sample/{name}.txt", CLEAN)]
        if split in self.dev_weights:
            return dev_sources(self.config)[split]
        if split.startswith(TEST):
            return sources_of_tests(self.config)[split.removeprefix(TEST)]
        return clean_sources(self.config) if split == CLEAN else pair_sources(self.config)

    def raw_files(self, split: str) -> list[str]:
        """The files that a split is read from; for ``A+B``, or a file whose partner is found by its name, both."""
        return _files(self.sources(split))

    def list_files(self) -> list[str]:
        """The files of ``decontaminate_with``."""
        return _files(lists_to_keep_out(self.config))

    def brought(self, paths: Sequence[str]) -> list[str]:
        """Those of ``paths`` that users bring. The others are downloads, or made by rules, and Snakemake follows them.

        Of files that users bring Snakemake would not see an exchange for older ones (``gaprelm.pipeline.contents``).
        """
        return [path for path in paths if not self._is_made(path)]

    def _is_made(self, path: str) -> bool:
        resources = self.scoring_files() if self.config["scoring_resources"] == FETCHED_RESOURCES else []
        fetched = path in resources or is_download(path, self.config["downloads"])
        return fetched or Path(path).resolve().is_relative_to(Path(self.folder).resolve())

    def gets_errors(self, split: str) -> bool:
        """Whether errors are generated in a split, because it is read from clean text."""
        return split == CLEAN or all(source.format == CLEAN for source in self.sources(split))

    def is_simplified(self, split: str) -> bool:
        """Whether traditional characters of a split are turned into simplified ones."""
        whose = self.config["simplify"]
        return whose == "all" or (whose == "train" and split in self.training_splits)

    # ---------------------------------------------------------------- what is made of what

    def held_out_tables(self) -> list[str]:
        """Dev and test sentences, which are kept out of the training data."""
        kept_out = self.held_out_splits if self.config["decontaminate"] != "none" else []
        return [self.table("normalized", split) for split in kept_out]

    def training_texts(self) -> list[str]:
        """All training sentences. Their characters are the vocabulary of ``tiny``, and errors are made from them."""
        return [self.table("filtered", split) for split in self.training_splits]

    def training_pairs(self) -> list[str]:
        """Those of the training sentences that are pairs."""
        return [self.table("filtered", TRAIN)] if TRAIN in self.training_splits else []

    @cached_property
    def counts_training_data(self) -> bool:
        """Whether the training data are counted: not for models that have no counts, or bring their own."""
        own = Path(self.pretrained) / _COUNTS
        return self.config["enable_counts"] and not own.is_file()

    def counts_file(self) -> list[str]:
        """The counts that the initial model starts from, in a list, which is empty if there are none."""
        return [f"{self.folder}/counts/all.npz"] if self.counts_training_data else []

    def fold_files(self) -> list[str]:
        """For each fold of the training sentences the counts of the others; none if nothing is counted."""
        return self.fold_names() if self.counts_training_data else []

    def fold_names(self) -> list[str]:
        """The files of the folds, whether they are made or not."""
        return [f"{self.folder}/counts/without-{fold}.npz" for fold in range(self.config["counts"]["folds"])]

    def parts(self, split: str) -> list[str]:
        """The parts in which a split is aligned and labelled; none for sentences that get new errors every epoch."""
        if split == CLEAN:
            return []
        return [f"{TRAIN}.{shard}" for shard in self.shards] if split == TRAIN else [split]

    def sentences(self, part: str) -> list[str]:
        """The tables from which a part is aligned: cleaned training pairs, or clean sentences with generated errors."""
        if part.startswith(f"{TRAIN}."):
            return [self.table("filtered", TRAIN)]
        if self.gets_errors(part):
            return [self.table("corrupted", f"{part}.{shard}") for shard in self.shards]
        return [self.table("normalized", part)]

    def shard(self, part: str) -> str:
        """The shard of its sentences that a part holds. Clean sentences were split earlier, to get their errors."""
        return part.removeprefix(f"{TRAIN}.") if part.startswith(f"{TRAIN}.") else "1-of-1"

    def summarized_files(self) -> list[str]:
        """The files that ``data/summary.json`` is made from."""
        parts = [part for split in self.splits for part in self.parts(split)]
        return [
            *(self.counts("normalized", split) for split in self.splits),
            *(self.counts("filtered", split) for split in self.training_splits),
            *(self.table("filtered", split) for split in self.training_splits if split == CLEAN),
            *(self.table("aligned", part) for part in parts),
            *(self.counts("template", part) for part in parts),
        ]

    # ---------------------------------------------------------------- training and scoring

    def training_data(self) -> dict[str, Any]:
        """The files of the training data under their keys in ``StageSettings``: labelled pairs, and clean sentences."""
        pairs = self.parts(TRAIN) if TRAIN in self.training_splits else []
        clean = self.table("filtered", CLEAN) if CLEAN in self.training_splits else None
        return {"train_data": [self.table("template", part) for part in pairs], "clean_data": clean}

    def training_files(self) -> list[str]:
        """The files of ``training_data`` in one list."""
        files = self.training_data()
        return [*files["train_data"], *filter(None, [files["clean_data"]])]

    def stage_data(self, stage: str) -> list[str]:
        """The files that a stage trains on, and the files that its noise settings name."""
        noise = stage_noise(self.config, stage) if CLEAN in self.training_splits else {}
        return [*self.training_files(), *noise_files(noise), *self.fold_files()]

    def stage_reads(self, stage: str) -> list[str]:
        """All files that decide the result of a stage."""
        scoring = self.scoring_files() if self.has_dev else []
        start = [*self.checkpoint(self.start(stage)), *self.checkpoint(self.initial)]
        return [*start, *self.stage_data(stage), *self.dev_data.values(), *scoring]

    @property
    def dev_data(self) -> dict[str, str]:
        """The aligned dev sets by their splits."""
        return {split: self.table("aligned", split) for split in self.dev_weights}

    def test_data(self, test: str) -> str:
        """An aligned test set."""
        return self.table("aligned", f"{TEST}{test}")

    @cached_property
    def resumed(self) -> tuple[str | None, str | None]:
        """Stage and directory of ``resume_from``; (None, None) without it."""
        return resume_point(self.config) if self.config["resume_from"] else (None, None)

    @property
    def trained_stages(self) -> list[Stage]:
        """The stages that are run."""
        return stages_from(self.resumed[0])

    def start(self, stage: str) -> str:
        """The directory with the weights that a stage starts from."""
        resumed, directory = self.resumed
        if directory is not None and stage == resumed:
            return directory
        earlier = list(STAGES.values())[: position(stage)]
        return self.result(earlier[-1]) if earlier else self.initial

    @property
    def pretrained(self) -> str:
        """The directory of ``pretrained_model``, or its name."""
        return str(shipped_or(self.config["pretrained_model"]))

    def metrics_before(self) -> list[str]:
        """What ``pretrained_model`` scores on the test sets as it is, if it corrects already and has thresholds."""
        corrects = (Path(self.pretrained) / "calibration.json").is_file() and not self.config["resume_from"]
        return [f"{self.folder}/evaluation/before/{test}.metrics.json" for test in self.tests if corrects]

    def pretrained_files(self) -> list[str]:
        """The files of ``pretrained_model`` if it is a directory: the initial model depends on their content."""
        return pretrained_files(self.config["pretrained_model"])

    def corrector_files(self) -> list[str]:
        """The files of ``pretrained_model`` on which its scores before training depend."""
        return corrector_files(self.config["pretrained_model"])

    def scoring_files(self) -> list[str]:
        """The files of ``scoring_resources``, if it is set: the scores depend on their content."""
        folder = self.config["scoring_resources"]
        return [f"{folder}/{name}" for name in (CLASSES_FILE, CONFUSION_FILE)] if folder else []

    def report_files(self) -> list[str]:
        """Figures and tables of the report."""
        names = ["data_summary.html", "data_figures.svg", "training_curves.svg"]
        names += ["precision_recall.svg"] if self.has_dev else []
        names += ["results.html", "examples.html"] if self.tests else []
        return [f"{self.folder}/report/{name}" for name in names]


def _files(sources: Sequence[Source]) -> list[str]:
    return [path for source in sources for path in _files_of(source)]


def _files_of(source: Source) -> list[str]:
    """The file of a source and its partner; of a file that is not there yet only what its path names."""
    if not Path(source.path).is_file():
        return files_of(source.path)
    partner = split_path(source.path, source.format)[1]
    return [source.path, str(partner)] if partner else [source.path]
