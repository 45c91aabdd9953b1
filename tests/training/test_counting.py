"""What is counted of the training data."""

import pytest

from gaprelm.counts.folds import fold_of
from gaprelm.data.tables import NORMALIZED, Sentence, write_table
from gaprelm.training import counting
from gaprelm.training.counting import CountedData, count, count_settings, count_with_folds
from tests.counts.conftest import PAIRS, TEXTS
from tests.pipeline.test_configuration import DEFAULTS

SETTINGS = count_settings(DEFAULTS["counts"])
NOISE = {**DEFAULTS["noise"], "mix": {"missing": 1.0}, "clean_share": 0.0}


def table(path, rows):
    write_table(path, (Sentence(str(n), "set", s, t)._asdict() for n, (s, t) in enumerate(rows)), NORMALIZED)
    return path


@pytest.fixture
def clean(tmp_path):
    return table(tmp_path / "clean.parquet", [(text, [text]) for text in TEXTS])


def test_wrong_sources_are_not_counted_as_text(tmp_path):
    path = table(tmp_path / "pairs.parquet", [("龘龘龘", ["他在家。", "她在家。", "他在家。"])])
    data = CountedData([path], [path], {}, 1)
    assert list(data.correct()) == ["他在家。", "她在家。"]
    assert list(data.errors()) == [("龘龘龘", "他在家。"), ("龘龘龘", "她在家。")]


def test_clean_sentences_alone_get_errors_of_the_noise(clean, monkeypatch):
    def made(seed):
        return list(CountedData([clean], [], NOISE, seed).errors())

    first = made(seed=1)
    assert [target for _, target in first] == TEXTS
    assert all(len(source) < len(target) for source, target in first)
    assert made(seed=1) == first != made(seed=2)
    monkeypatch.setattr(counting, "MOST_CORRUPTED", 7)
    assert [target for _, target in made(seed=1)] == TEXTS[::5]


def test_characters_that_look_alike_are_candidates(tmp_path):
    path = table(tmp_path / "alike.parquet", [(text, [text]) for text in ("未来会更好。", "周末去看书。")])
    model = count(CountedData([path], [path], {}, 1), SETTINGS)
    found = model.channel.candidates[model.alphabet.encode("末")[0]]
    assert "未" in {model.alphabet.character(int(i)) for i in found if i}


def test_counts_of_a_fold_do_not_know_its_sentences(tmp_path):
    path = table(tmp_path / "pairs.parquet", [(source, [target]) for source, target in PAIRS * 3])
    together, *folds = count_with_folds(CountedData([path], [path], {}, 1), SETTINGS, 3)
    for source, target in PAIRS:
        own = fold_of(target, 3)
        for fold, model in enumerate(folds):
            known = set(target) <= set(model.alphabet.characters)
            others = {t for _, t in PAIRS if fold_of(t, 3) != fold}
            assert known == (set(target) <= set("。".join(others))), (source, own, fold)
    assert all(set(target) <= set(together.alphabet.characters) for _, target in PAIRS)
