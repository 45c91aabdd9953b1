"""The list of the model's settings, and who takes its keys from there."""

import json

import pytest
import yaml

from gaprelm.errors import CheckpointError
from gaprelm.model.configuration import GapReLMConfig
from gaprelm.model.settings import MODEL_KEYS, ModelSettings
from gaprelm.pipeline.selection import model_settings
from tests.conftest import ROOT

DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
OTHER = ModelSettings(2, 64, 2, "full", False, False, True, True, True, 0.5)
LATER_KEYS = ("enable_tagging", "enable_counts")


def test_every_setting_is_a_key_of_the_configuration_and_reaches_the_model():
    assert set(model_settings(DEFAULTS)["switches"]) == set(MODEL_KEYS) <= set(DEFAULTS)


def test_a_checkpoint_keeps_every_setting(tmp_path):
    config = GapReLMConfig(**{key: getattr(OTHER, key) for key in MODEL_KEYS})
    assert all(getattr(OTHER, key) != getattr(GapReLMConfig(), key) for key in MODEL_KEYS if key != "enable_gap")
    config.save_pretrained(tmp_path)
    assert GapReLMConfig.from_pretrained(tmp_path).settings == OTHER
    saved = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert ModelSettings.from_config(saved) == OTHER


@pytest.mark.parametrize("key", LATER_KEYS)
def test_a_checkpoint_that_is_older_than_a_key(key):
    config = GapReLMConfig().to_dict()
    del config[key]
    assert getattr(ModelSettings.from_config(config), key) is False


@pytest.mark.parametrize("key", sorted(set(MODEL_KEYS) - {*LATER_KEYS}))
def test_other_keys_are_needed(key):
    config = GapReLMConfig().to_dict()
    del config[key]
    with pytest.raises(CheckpointError, match=rf"x\.json: no {key}; expected the configuration of a Gap-ReLM"):
        ModelSettings.from_config(config, "x.json")


@pytest.mark.parametrize("key", MODEL_KEYS)
@pytest.mark.parametrize("value", [None, "odd", -1, []])
def test_values_that_cannot_be_are_named(key, value):
    with pytest.raises(CheckpointError, match=rf"x\.json: {key}: found .*; expected .*\n  cure: "):
        ModelSettings.from_config(GapReLMConfig().to_dict() | {key: value}, "x.json")
