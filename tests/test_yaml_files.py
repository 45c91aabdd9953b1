"""YAML: errors that name the file; a few lines cannot stand for more than fits into memory."""

import time

import pytest
import yaml

from gaprelm.errors import ConfigurationError, shown
from gaprelm.yaml_files import load_yaml


def bomb(first, level, levels=30):
    """Each line stands for nine times as much as the line before it."""
    lines = [f"a0: &a0 {first}", *(f"a{i}: &a{i} {level.replace('*', f'*a{i - 1}')}" for i in range(1, levels))]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        bomb("[x]", "[*, *, *, *, *, *, *, *, *]"),
        bomb("{x: 1}", "{a: *, b: *, c: *, d: *, e: *, f: *, g: *}"),
        bomb("{x: 1}", "{<<: [*, *, *, *, *, *, *]}"),
        "a: &a [*a]",
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.BaseLoader])
def test_a_few_lines_that_stand_for_millions_of_values(text, loader):
    started = time.process_time()
    with pytest.raises(ConfigurationError, match=r"x\.yaml: stands for more than 100000 values.*\n  cure: write"):
        load_yaml(text, "x.yaml", loader=loader)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["a: [", "[" * 1000, "1" * 5000, "a: 2024-99-99", "--- 1\n--- 2", "a: \x1b", "a\0"])
def test_text_that_is_not_yaml(text):
    with pytest.raises(ConfigurationError, match=r"x\.yaml: not YAML \((.|\n)*\n  cure: mend the file"):
        load_yaml(text, "x.yaml")


def test_values_and_aliases_of_usual_size():
    assert load_yaml("", "x") is None
    assert load_yaml("a: &a {b: [1, x]}\nc: *a\nd: {<<: *a, e: 1}", "x") == {
        "a": {"b": [1, "x"]},
        "c": {"b": [1, "x"]},
        "d": {"b": [1, "x"], "e": 1},
    }
    assert load_yaml("a: 007", "x", loader=yaml.BaseLoader) == {"a": "007"}


def test_a_value_of_any_size_is_shown_at_once():
    deep = wide = ["x"]
    for _ in range(40):
        deep, wide = [deep] * 9, {"a": wide, "b": wide}
    text = "\0" * (1 << 24)
    started = time.process_time()
    for value in (deep, wide, text, ["x"] * (1 << 20)):
        assert len(shown(value)) <= 61
    assert time.process_time() - started < 1
    assert shown({"b": 1, "a": [2]}) == "dict {'b': 1, 'a': [2]}"
