"""The defaults of the configuration and its schema."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gaprelm.pipeline.configuration import checked, load_schema
from gaprelm.pipeline.experiment import Experiment
from tests.conftest import ROOT


@pytest.fixture
def make_experiment(tmp_path, monkeypatch):
    """A function that makes an experiment of changed defaults, in a folder with pairs ``a.tsv`` and text ``c.txt``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tsv").write_text("我再家\t我在家\n", encoding="utf-8")
    (tmp_path / "c.txt").write_text("我在家\n", encoding="utf-8")
    defaults = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    schema = load_schema(ROOT / "rules" / "config.schema.yaml")

    def make(shards: tuple[str, ...] = ("1-of-1",), **changes: Any) -> Experiment:
        return Experiment(checked(defaults | changes, schema), schema, shards)

    return make
