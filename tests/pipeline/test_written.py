"""Names that YAML reads as numbers keep their text."""

import pytest
import yaml

from gaprelm.errors import ConfigurationError
from gaprelm.pipeline.configuration import checked, load_schema
from gaprelm.pipeline.written import as_written, check_handed_on
from tests.conftest import ROOT

SCHEMA = load_schema(ROOT / "rules" / "config.schema.yaml")
DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "read"),
    [("2024_01", 202401), ("007", 7), ("1e5", 100000.0), ("1.50", 1.5), ("true", True), ("2024", 2024), ("nan", "nan")],
)
def test_names_on_the_command_line(text, read):
    """``read`` is what Snakemake makes of the text."""
    for assignment in (f"experiment_name={text}", f"experiment_name='{text}'"):
        values = checked(DEFAULTS | {"experiment_name": read}, SCHEMA, as_written([], [assignment]))
        assert values["experiment_name"] == text


def test_names_in_files_and_the_last_one_wins(tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    data = tmp_path / "1_0"
    data.write_text("我\t我\n", encoding="utf-8")
    first.write_text("experiment_name: 1_1\nbatch_size: 1_6\ndev_file: x\n", encoding="utf-8")
    second.write_text(
        f"experiment_name: 2024_01\ntrain_file: {data}\ntest_files: {{0_11: {{path: {data}, format: parallel}}}}\n",
        encoding="utf-8",
    )
    given = DEFAULTS | yaml.safe_load(first.read_text()) | yaml.safe_load(second.read_text()) | {"dev_file": None}
    assert given["experiment_name"] == 202401
    values = checked(given, SCHEMA, as_written([first, second]))
    assert values["experiment_name"] == "2024_01"
    assert list(values["test_files"]) == ["0_11"]
    # Numbers stay numbers.
    assert values["batch_size"] == 16
    given["experiment_name"] = 33
    assert checked(given, SCHEMA, as_written([first, second], ["experiment_name=3_3"]))["experiment_name"] == "3_3"


def test_a_number_whose_text_is_lost_is_refused():
    with pytest.raises(ConfigurationError, match=r"experiment_name=1\.5; expected string\n  cure: write it in quotes"):
        checked(DEFAULTS | {"experiment_name": 1.5}, SCHEMA)


@pytest.mark.parametrize("value", ["'a'", "a'$(touch F)", 'a"b', "$HOME", "`a`", "a\\b", "a\nb", "\u200b"])
def test_a_value_that_a_shell_could_read_otherwise_is_not_handed_to_a_cluster(value):
    with pytest.raises(ConfigurationError, match="put the key into a configuration file"):
        check_handed_on(["batch_size=8", f"experiment_name={value}"])


def test_other_values_are_handed_to_a_cluster():
    check_handed_on(
        ["output_dir=输 出/😀;&|#*[a]?", "learning_rate=1e-4", "stages={planner_train: {num_epochs: 1}}", "dev_file="]
    )
