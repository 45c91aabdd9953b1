"""The checkpoints from which a killed stage resumes, and the name of their directory."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path

from gaprelm.errors import CheckpointError, ConfigurationError, InputError
from gaprelm.json_files import read_json, write_json
from gaprelm.model.configuration import GapReLMConfig
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.noise.settings import noise_files
from gaprelm.provenance import source_hash
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.stages import REPORTING_KEYS
from gaprelm.textio import file_hash
from gaprelm.training.settings import StageSettings

logger = logging.getLogger(__name__)

# Keys that do not change what is computed: where files are, and how often to save and to log.
_NOT_COMPUTED = (
    *("output_dir", "work_dir", "tensorboard_dir", "log_file", "history_file", "experiment_name"),
    *(*REPORTING_KEYS, "num_workers"),
)
_PATHS = (
    "train_data",
    "counts_of_folds",
    "clean_data",
    "dev_data",
    "scoring_resources",
    "initial_model",
    "resume_from",
)
_MODEL_FILES = ("model.safetensors", "config.json", "vocab.txt", "counts.npz")
# Written last, when the files of all processes are there.
COMPLETE = "complete"


def fingerprint(settings: StageSettings, world_size: int) -> str:
    """The name of a run's work directory: equal only for equal settings, code, data, first weights and world size."""
    values = {name: value for name, value in asdict(settings).items() if name not in (*_NOT_COMPUTED, *_PATHS)}
    values["bf16"] = settings.use_bf16
    values["world_size"] = world_size
    values["code"] = source_hash("gaprelm.training.stage")
    for name in ("train_data", "counts_of_folds"):
        values[name] = [file_hash(Path(path)) for path in getattr(settings, name)]
    values["clean_data"] = file_hash(Path(settings.clean_data)) if settings.clean_data else None
    values["dev_data"] = {name: file_hash(Path(path)) for name, path in settings.dev_data.items()}
    values["noise_files"] = [file_hash(Path(path)) for path in noise_files(settings.noise)]
    values["scoring_resources"] = Resources.load(settings.scoring_resources).name
    for name in ("initial_model", "resume_from"):
        path = getattr(settings, name)
        # The vocabulary too: equal weights with other characters are another model.
        files = [Path(path) / file for file in _MODEL_FILES] if path else []
        values[name] = [file_hash(file) for file in files if file.is_file()]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def last_checkpoint(directory: Path) -> Path | None:
    """The newest complete checkpoint; half-written ones (killed while saving) and damaged ones are removed."""
    found = sorted(directory.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]), reverse=True)
    for checkpoint in found:
        if is_complete(checkpoint):
            return checkpoint
        logger.warning("%s is incomplete: removed", checkpoint)
        shutil.rmtree(checkpoint)
    return None


def mark_complete(checkpoint: Path) -> None:
    """Record the checkpoint's files and their sizes, which makes it complete."""
    # Other processes write random states too; a network file system may show the sizes of their files late.
    sizes = {
        path.name: None if path.name.startswith("rng_state_") else path.stat().st_size
        for path in checkpoint.iterdir()
        if path.is_file()
    }
    write_json(checkpoint / COMPLETE, sizes)


def is_complete(checkpoint: Path) -> bool:
    """Whether the checkpoint was marked complete and every file still has its size."""
    marker = checkpoint / COMPLETE
    if not marker.is_file():
        return False
    try:
        sizes = read_json(marker)
    except InputError:  # cut off, as by a power failure
        return False
    return isinstance(sizes, dict) and all(_is_whole(checkpoint / name, size) for name, size in sizes.items())


def _is_whole(path: Path, size: int | None) -> bool:
    """Whether the file has this size; if the size is not known, whether it is not empty."""
    found = path.stat().st_size if path.is_file() else 0
    return found == size if size is not None else found > 0


def check_same_shape(resume_from: Path, initial_model: Path) -> None:
    """Refuse a checkpoint that the configured model cannot continue.

    Raises:
        ConfigurationError: ``resume_from`` is not a checkpoint.
        CheckpointError: its shape or its vocabulary differs from the configured model's.
    """
    if not (resume_from / "config.json").is_file() or not (resume_from / "model.safetensors").is_file():
        raise ConfigurationError(
            f"resume_from={resume_from}: no config.json and model.safetensors there\n"
            "  cure: name a best_stage_* directory, or a checkpoint-N directory below work/"
        )
    theirs = GapReLMConfig.from_pretrained(resume_from)
    ours = GapReLMConfig.from_pretrained(initial_model)
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")
    pairs = {name: (theirs.encoder.get(name), ours.encoder.get(name)) for name in names}
    different = {name: (a, b) for name, (a, b) in pairs.items() if a != b}
    cures = ["set pretrained_model to that directory too, which brings its encoder and vocabulary"] if different else []
    if theirs.max_insert_num != ours.max_insert_num:
        different["max_insert_num"] = (theirs.max_insert_num, ours.max_insert_num)
        cures.append(f"set max_insert_num={theirs.max_insert_num}")
    if different:
        found = "; ".join(f"{name} {a} there, {b} here" for name, (a, b) in different.items())
        raise CheckpointError(f"resume_from={resume_from} has another shape: {found}\n  cure: {'; '.join(cures)}")
    vocabulary = resume_from / "vocab.txt"
    if vocabulary.is_file():
        mine = CharacterVocabulary.from_file(initial_model / "vocab.txt").tokens
        others = CharacterVocabulary.from_file(vocabulary).tokens
        for index, (a, b) in enumerate(zip_longest(others, mine)):
            if a != b:
                raise CheckpointError(
                    f"resume_from={resume_from} has another vocabulary: token {index} is {a!r} there, {b!r} here\n"
                    "  cure: set pretrained_model to that directory too, which brings its vocabulary"
                )
