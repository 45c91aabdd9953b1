"""The result of a stage: a self-contained Hugging Face checkpoint."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

from gaprelm.json_files import write_json
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.settings import StageSettings


def write_result(
    model: PreTrainedModel,
    vocabulary: CharacterVocabulary,
    directory: Path,
    settings: StageSettings,
    result: dict[str, Any],
) -> list[Path]:
    """Write config.json, model.safetensors, vocabulary, tokenizer files and training_args.json to ``directory``.

    Each file appears only when it is complete; other files in the directory (calibration.json) stay.

    Args:
        result: how the weights were chosen, written into training_args.json beside the settings.
    """
    temporary = directory.with_name(f".{directory.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    model.save_pretrained(temporary)
    vocabulary.save(temporary)
    write_json(temporary / "training_args.json", result | {"settings": asdict(settings)})
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for path in sorted(temporary.iterdir()):
        os.replace(path, directory / path.name)
        written.append(directory / path.name)
    temporary.rmdir()
    return written
