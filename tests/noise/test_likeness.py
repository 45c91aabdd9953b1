"""Generated errors beside real ones, as benchmarks/errors.py sets them."""

import runpy
import sys
from collections import Counter

import numpy as np
import pytest

from gaprelm.errors import InputError
from gaprelm.studies.ranking import average_precision
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
ERRORS = runpy.run_path(str(ROOT / "benchmarks" / "errors.py"))
sys.path.remove(str(ROOT / "benchmarks"))
RARE, characters, column, correct_texts = (ERRORS[name] for name in ("RARE", "characters", "column", "correct_texts"))
generated_pairs, pairs_often_seen, real_pairs, written_characters = (
    ERRORS[name] for name in ("generated_pairs", "pairs_often_seen", "real_pairs", "written_characters")
)

# What the same ranking finds of the wrong characters in the training sets of SIGHAN 2013 to 2015.
REAL = 0.086
DEFAULTS = "{}"
UNIFORM = "{frequency_power: 0}"


def found_by_rarity(texts, settings):
    counts = characters(texts)
    written = written_characters(generated_pairs(texts, settings), counts)
    return average_precision(written.rank, written.wrong)


def test_rare_characters_do_not_give_generated_errors_away():
    texts = correct_texts(None)
    assert found_by_rarity(texts, DEFAULTS) < 2 * REAL
    assert found_by_rarity(texts, UNIFORM) > 2 * REAL


def test_on_text_of_many_characters_rarity_finds_generated_errors_as_it_finds_real_ones(shared_data):
    names = ("wiki_cmrc2018", "dialogue_kdconv", "story_cft_cmrc2017")
    texts = correct_texts([shared_data / "mono" / f"{name}.txt.xz" for name in names])
    counts = characters(texts)
    files = [str(shared_data / "sighan_simplified" / f"train{year}_error.txt") for year in (13, 14, 15)]
    real = written_characters([pair for file in files for pair in real_pairs(file)], counts)
    found = average_precision(real.rank, real.wrong)
    assert found == pytest.approx(REAL, abs=0.02)
    assert found_by_rarity(texts, DEFAULTS) < 2 * found
    assert found_by_rarity(texts, UNIFORM) > 4 * found


def test_characters_are_as_they_were_written():
    written = written_characters([("他再家a，", "他在家a。")], Counter("在在在家家再"))
    assert written.rank.tolist() == [3, 2, 1]
    assert written.wrong.tolist() == [False, True, False]


def test_a_column():
    pairs = [("他再家", "他在家"), ("他在家", "他在家"), ("去校", "去学校"), ("我我们地书", "我们的书")]
    values = column(pairs, Counter("他在家"), {"再家"}, "pairs")
    assert values["clean sentences"] == "25.0 %"
    assert values["errors a sentence"] == "1.00"
    assert values["wrong / missing / redundant / swapped / punctuation"] == "50.0 / 25.0 / 25.0 / 0.0 / 0.0 %"
    assert values["sound the same / near / unlike"] == "100.0 / 0.0 / 0.0 %"
    assert values[f"characters of rank {RARE:,} or more that are wrong"] == "-"
    assert values["wrong characters in a common pair"] == "50.0 %"
    assert np.isfinite(float(values["wrong characters found by rarity alone (by chance)"].split()[0]))
    with pytest.raises(InputError, match=r"pairs: found no error in 1 pairs"):
        column([("他", "他")], Counter(), set(), "pairs")


def test_pairs_are_common_from_ten_in_a_million_on():
    texts = ["在家"] * 10 + ["再家"] * 9 + ["一二"] * 999_981 + ["家", "在a", "，家"]
    assert pairs_often_seen(texts) == {"在家", "一二"}


def test_the_table_has_a_column_for_each_set(tmp_path, capsys, monkeypatch):
    (tmp_path / "pairs.tsv").write_text("他再家\t他在家\n你号\t你好\n", encoding="utf-8")
    (tmp_path / "texts.txt").write_text("他在家。\n他再来。\n\n你好。\n" * 50, encoding="utf-8")
    arguments = ["--texts", str(tmp_path / "texts.txt"), "--real", "people", f"{tmp_path / 'pairs.tsv'}:1/2"]
    settings = ["--generated", "all wrong", "{mix: {wrong: 1}, clean_share: 0}"]
    monkeypatch.setattr(sys, "argv", ["errors.py", *arguments, *settings])
    ERRORS["main"]()
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["| | people | all wrong |", "|---|---|---|", "| sentences | 1 | 150 |"]
    assert all(line.count("|") == 4 for line in lines)
