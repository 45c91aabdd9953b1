"""The block ``noise``: defaults, settings of 0.1.0, shares that are left to the rest."""

from collections import Counter

import pytest
import yaml

from gaprelm.errors import ConfigurationError
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.settings import PUNCTUATION_KINDS, NoiseSettings
from tests.conftest import ROOT, SENTENCES
from tests.noise.test_corruption import LONG, TEXTS

DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["noise"]
# All keys of 0.1.0, with values that it had.
FIRST = {
    "mix": {"wrong": 0.45, "word": 0.0, "missing": 0.25, "redundant": 0.20, "swapped": 0.10},
    "wrong": {"same_sound": 0.75, "near_sound": 0.25, "shape": 0.0, "confusions": 0.0},
    "redundant": {"repeated": 0.5, "context": 0.5},
    "clean_share": 0.15,
    "characters_per_error": 12,
    "max_errors": 10,
    "confusions": None,
    "statistics": None,
    "statistics_share": 1.0,
    "protected_terms": None,
}


def test_keys_that_are_not_given_have_the_defaults_of_config_yaml():
    settings = NoiseSettings.from_mapping(FIRST)
    for name in DEFAULTS.keys() - FIRST.keys():
        assert getattr(settings, name) == DEFAULTS[name], name


def test_settings_of_the_first_version_give_the_errors_that_they_name():
    generator = make_corruptor(FIRST, [LONG], 1)
    kinds = Counter(kind for number in range(3000) for kind in generator.corrupt(LONG, str(number)).kinds)
    shares = {kind: count / kinds.total() for kind, count in kinds.items()}
    same_sound = shares.pop("same_sound") + shares.pop("particle")
    assert same_sound == pytest.approx(0.45 * 0.75, abs=0.02)
    expected = {"near_sound": 0.1125, "missing": 0.25, "repeated": 0.1, "context": 0.1, "swapped": 0.1}
    assert shares == pytest.approx(expected, abs=0.02)


def test_shares_of_the_first_version_win_when_a_file_is_merged_over_the_defaults():
    """As Snakemake merges --configfile: keys that the file does not name stay."""
    for name in ("mix", "wrong", "redundant"):
        given = {key: share for key, share in FIRST[name].items() if share}
        settings = NoiseSettings.from_mapping({**DEFAULTS, name: {**DEFAULTS[name], **given}})
        assert {key: share for key, share in getattr(settings, name).items() if share} == pytest.approx(given)


def test_null_is_what_the_others_leave():
    settings = NoiseSettings.from_mapping({**DEFAULTS, "mix": {"wrong": 0.6, "missing": None, "swapped": 0.1}})
    assert settings.mix == pytest.approx({"wrong": 0.6, "missing": 0.3, "swapped": 0.1})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mix": {"wrong": None, "missing": None}}, "noise.mix: wrong and missing are null; expected one at most"),
        ({"mix": {"wrong": 1.2, "missing": None}}, "the shares of noise.mix add up to 1.2; expected 1"),
        ({"punctuation": {"half_width": 0.5}}, "the shares of noise.punctuation add up to 0.5; expected 1"),
        ({"punctuation": {"colon": 1}}, "unknown key colon in noise.punctuation"),
        ({"runs": {"wrong": [0.5, 0.4]}}, "the shares of noise.runs.wrong add up to 0.9; expected 1"),
        ({"runs": {"wrong": 0.5}}, "noise.runs.wrong=float 0.5; expected the shares of 1, 2, 3, … characters in a row"),
        ({"runs": {"wrong": "1"}}, "noise.runs.wrong='1'; expected the shares of 1, 2, 3, … characters in a row"),
        ({"runs": {"swapped": [1]}}, "unknown key swapped in noise.runs"),
        ({"runs": [1]}, "noise.runs=list [1]; expected shares for each of wrong, missing, redundant"),
        ({"touching": 2}, "noise.touching=int 2; expected a number from 0 to 1"),
        ({"particles": None}, "noise.particles=NoneType None; expected a number from 0 to 1"),
        ({"frequency_power": -1}, "noise.frequency_power=int -1; expected a number of at least 0"),
        ({"clean_share": None}, "noise.clean_share=null means the share of noise.statistics, which names no file"),
    ],
)
def test_values_that_cannot_be_used(changes, message):
    with pytest.raises(ConfigurationError) as caught:
        NoiseSettings.from_mapping({**DEFAULTS, **changes})
    assert message in str(caught.value)


def test_every_type_of_error_is_trained_by_default():
    generator = make_corruptor({**DEFAULTS, "clean_share": 0.0}, [*TEXTS, *SENTENCES, LONG, ",.!"], 1)
    kinds = Counter(kind for number in range(2000) for kind in generator.corrupt(LONG, str(number)).kinds)
    shares = {kind: count / kinds.total() for kind, count in kinds.items()}
    for kind in (*("same_sound", "particle", "near_sound", "shape"), *("missing", "repeated", "context", "swapped")):
        assert shares[kind] > 0.02, kind
    assert sum(shares[kind] for kind in PUNCTUATION_KINDS) == pytest.approx(0.07, abs=0.02)
