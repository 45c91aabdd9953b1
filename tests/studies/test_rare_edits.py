"""Rare edits: what is ranked and filled, by hand, and what is refused."""

import numpy as np
import pytest

from gaprelm.edits.labels import DELETE
from gaprelm.errors import CheckpointError, InputError
from gaprelm.studies.baselines import GECTOR
from gaprelm.studies.finished_models import finished_model
from gaprelm.studies.rare_edits import main, measured

# One character is wrong; one is missing; two are; one is redundant.
PAIRS = [
    ("我今天去学校上棵。", "我今天去学校上课。"),
    ("他在图书看书。", "他在图书馆看书。"),
    ("我今去上课。", "我今天去学校上课。"),
    ("他在在图书馆看书。", "他在图书馆看书。"),
]


def test_a_line_for_each_model(tmp_path, save_gap_relm, write_aligned, capsys):
    models = [save_gap_relm(tmp_path / name, template="masks") for name in ("a", "b")]
    main([*map(str, models), "--pairs", str(write_aligned(PAIRS))])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(map(str, models))
    assert all(" of 3, deletions " in line and "several missing " in line for line in lines)


def test_what_is_measured(tmp_path, save_gap_relm, write_aligned):
    model, vocabulary = finished_model(save_gap_relm(tmp_path / "a", template="masks"))
    for head in (model.operation_head, model.insert_head):
        head.weight.data.zero_()
        head.bias.data.zero_()
    model.operation_head.bias.data[DELETE] = 100.0
    found = measured(model, vocabulary, write_aligned(PAIRS))
    characters = sum(len(source) for source, _ in PAIRS)
    assert (len(found.delete_score), found.delete_wanted.sum()) == (characters, 1)
    assert (len(found.gap_score), found.gap_missing.sum()) == (characters + len(PAIRS), 3)
    # All counts of missing characters are as likely as none.
    np.testing.assert_allclose(found.gap_score, 1 - 1 / (model.config.max_insert_num + 1), rtol=1e-5)
    assert found.delete_score.min() > 0.5
    assert sorted(found.mask_kind.tolist()) == [0, 1, 1, 2, 2]


def test_what_is_refused(tmp_path, save_gap_relm, save_tagger, write_aligned):
    pairs = str(write_aligned(PAIRS))
    for model in (save_tagger(tmp_path / "t", GECTOR), save_gap_relm(tmp_path / "f", template="full")):
        with pytest.raises(CheckpointError, match="is not a Gap-ReLM with a planner"):
            main([str(model), "--pairs", pairs])
    with pytest.raises(InputError, match="found no missing, or no redundant character in 1 pairs"):
        main([str(save_gap_relm(tmp_path / "a")), "--pairs", str(write_aligned(PAIRS[:1], "one.parquet"))])
