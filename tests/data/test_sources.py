"""Which files a configuration reads."""

import pytest

from gaprelm.data.readers.partners import files_of
from gaprelm.data.sources import (
    Source,
    all_sources,
    check_sources,
    clean_sources,
    corpus_name,
    dev_sources,
    dev_weights,
    lists_to_keep_out,
    pair_sources,
    repeats,
    selected,
    sources_of_tests,
    training_sources,
)
from gaprelm.errors import ConfigurationError
from gaprelm.stages import STAGES

KEYS = ("train_file", "datasets", "dev_file", "test_files", "decontaminate_with")
NOTHING = dict.fromkeys(KEYS) | {"data_format": "parallel", "references_as_clean": False}


def test_each_key_gives_its_sources():
    config = NOTHING | {
        "train_file": ["a.tsv", "b.tsv"],
        "dev_file": {"path": "c.txt", "format": "mucgec", "part": "1/2"},
        "test_files": {"x": {"path": ["d.txt", "e.txt"], "format": "clean"}},
    }
    assert training_sources(config) == [Source("a.tsv", "parallel"), Source("b.tsv", "parallel")]
    assert dev_sources(config) == {"dev": [Source("c.txt", "mucgec", "1/2")]}
    assert dev_weights(config) == {"dev": 1.0}
    assert sources_of_tests(config) == {"x": [Source("d.txt", "clean"), Source("e.txt", "clean")]}
    check_sources(config)


def test_references_are_clean_sentences_where_asked():
    pairs, other = {"path": "a", "format": "m2"}, {"path": "b", "format": "m2"}
    text = {"path": "c", "format": "clean"}
    config = NOTHING | {"datasets": [pairs | {"references_as_clean": True, "part": "1/2"}, other, text]}
    assert pair_sources(config) == [Source("a", "m2", "1/2"), Source("b", "m2")]
    assert clean_sources(config) == [Source("c", "clean"), Source("a", "m2", "1/2", references_as_clean=True)]
    but_one = [pairs, other | {"references_as_clean": False}, text]
    everywhere = NOTHING | {"datasets": but_one, "references_as_clean": True}
    assert [source.path for source in clean_sources(everywhere)] == ["c", "a"]
    of_file = NOTHING | {"train_file": ["x.tsv"], "references_as_clean": True}
    assert clean_sources(of_file) == [Source("x.tsv", "parallel", references_as_clean=True)]
    assert pair_sources(of_file) == [Source("x.tsv", "parallel")]


def test_several_dev_sets_have_names_and_weights():
    entry = {"b": {"path": "b.tsv", "format": "m2", "weight": 2}, "a": {"path": ["x", "y"], "format": "clean"}}
    config = NOTHING | {"train_file": "t.tsv", "dev_file": entry}
    assert dev_sources(config) == {
        "dev_a": [Source("x", "clean"), Source("y", "clean")],
        "dev_b": [Source("b.tsv", "m2")],
    }
    assert dev_weights(config) == {"dev_a": 1.0, "dev_b": 2.0}
    check_sources(config)
    assert dev_sources(NOTHING) == dev_weights(NOTHING) == {}


def test_a_plus_in_a_name_is_no_pair_of_files(tmp_path):
    for name in ("a+1.src", "a+1.tgt", "b"):
        (tmp_path / name).write_text("我\n", encoding="utf-8")
    first, second, other = (str(tmp_path / name) for name in ("a+1.src", "a+1.tgt", "b"))
    assert files_of(first) == [first]
    assert files_of(f"{first}+{second}") == [first, second]
    assert files_of(f"{other}+{second}") == [other, second]
    # Files that are not there yet: the first plus.
    assert files_of("downloads/x+downloads/y") == ["downloads/x", "downloads/y"]
    assert corpus_name(first) == "a+1.src"
    assert corpus_name(f"{first}+{second}") == "a+1.src"


def test_datasets_have_formats_and_repeats():
    entries = [{"path": "x/hsk.tsv", "format": "parallel", "repeat": 5}, {"path": "mono.txt", "format": "clean"}]
    config = NOTHING | {"datasets": entries}
    check_sources(config)
    assert training_sources(config)[1] == Source("mono.txt", "clean")
    assert repeats(config, "planner_train") == {"hsk.tsv": 5}


def test_a_stage_may_see_a_file_more_often_than_another_or_never():
    entries = [
        {"path": "a.tsv", "format": "parallel", "repeat": {"infiller_pretrain": 0, "joint_finetune": 3}},
        {"path": "b.tsv", "format": "parallel"},
    ]
    config = NOTHING | {"datasets": entries}
    check_sources(config)
    assert [repeats(config, stage) for stage in STAGES] == [{"a.tsv": 0}, {}, {"a.tsv": 3}]


def test_lists_may_have_a_format():
    entry = {"path": "downloads/own.tsv", "format": "parallel"}
    assert lists_to_keep_out(NOTHING | {"decontaminate_with": entry}) == [Source("downloads/own.tsv", "parallel")]
    several = NOTHING | {"decontaminate_with": ["downloads/MuCGEC_filter_sentences.txt", entry]}
    assert [source.format for source in lists_to_keep_out(several)] == ["clean", "parallel"]


def test_parts_are_disjoint_and_complete():
    items = list(range(25))
    assert list(selected(items, None)) == items
    assert list(selected(items, "2/3")) == [i for i in items if i % 3 == 1]
    assert sorted([*selected(items, "1/10"), *selected(items, "2-10/10")]) == items


@pytest.mark.parametrize("part", ["0/2", "3/2", "2-1/3", "x", "1", "1/2/3"])
def test_a_part_that_is_none(part):
    with pytest.raises(ConfigurationError, match="expected k/n or k-m/n"):
        check_sources(NOTHING | {"dev_file": {"path": "a", "format": "parallel", "part": part}})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_file": "a", "datasets": [{"path": "b", "format": "clean"}]}, "train_file and datasets are both set"),
        (
            {"datasets": [{"path": "1/a", "format": "m2", "repeat": 2}, {"path": "2/a", "format": "m2"}]},
            "two files are called a, with repeat 2 and 1 in infiller_pretrain",
        ),
        (
            {
                "datasets": [
                    {"path": "1/a", "format": "m2", "repeat": {"planner_train": 2}},
                    {"path": "2/a", "format": "m2"},
                ]
            },
            "two files are called a, with repeat 2 and 1 in planner_train",
        ),
        (
            {"test_files": {"t": {"path": ["1/test.tsv", "2/test.tsv"], "format": "parallel"}}},
            "t: 2 files are called test.tsv; expected each name once",
        ),
        ({"dev_file": ["1/a.tsv", "1/a.tsv"]}, "dev: 2 files are called a.tsv"),
    ],
)
def test_rules_between_keys(changes, message):
    with pytest.raises(ConfigurationError, match=message):
        check_sources(NOTHING | changes)


def test_auto_becomes_the_format_of_the_file(tmp_path):
    for name, text in (("a.tsv", "再\t在\n"), ("b.txt", "我在家。\n"), ("c.txt", "1\t再家\t在家\n2\t好\t好\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    a, b, c = (str(tmp_path / name) for name in ("a.tsv", "b.txt", "c.txt"))
    config = NOTHING | {
        "train_file": [a, b, "missing.tsv", "downloads/lemon_car.txt"],
        "data_format": "auto",
        "test_files": {"c": {"path": c, "format": "auto"}},
        "decontaminate_with": b,
    }
    formats = [source.format for source in training_sources(config)]
    assert formats == ["parallel", "clean", "auto", "lemon"]
    assert sources_of_tests(config)["c"] == [Source(c, "mucgec")]
    assert lists_to_keep_out(config) == [Source(b, "clean")]
    assert all_sources(config)[-1] == Source(b, "clean")
