"""Resources in small, for sentences of our own."""

from __future__ import annotations

import pytest

from gaprelm.scoring.cherrant.resources import CLASSES_FILE, CONFUSION_FILE, Resources

CLASSES = {
    "他": "Aa03",
    "她": "Aa03",
    "我": "Aa02",
    "了": "Kd05",
    "在": "Kb01",
    "再": "Ka06",
    "狗": "Bi07",
    "猫": "Bi08",
}
CONFUSIONS = {"己": "已 巳", "人": "入 八"}


@pytest.fixture
def resource_dir(tmp_path):
    """A folder as ``gaprelm resources`` writes it."""
    folder = tmp_path / "resources"
    folder.mkdir()
    classes = "".join(f"{c}\t{code[0]}\t{code[1]}\t{code[2:]}\n" for c, code in CLASSES.items())
    (folder / CLASSES_FILE).write_text(classes, encoding="utf-8")
    confusions = "".join(f"{c} {others}\n" for c, others in CONFUSIONS.items())
    (folder / CONFUSION_FILE).write_text(confusions, encoding="utf-8")
    return folder


@pytest.fixture
def resources(resource_dir) -> Resources:
    return Resources.from_directory(resource_dir)
