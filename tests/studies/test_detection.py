"""Detection: the figures of a model that is known, and what is refused."""

import numpy as np
import pytest

from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel
from gaprelm.edits.labels import REPLACE
from gaprelm.errors import CheckpointError, InputError
from gaprelm.studies.baselines import GECTOR, TAGGING
from gaprelm.studies.detection import main, measured
from gaprelm.studies.finished_models import finished_model
from gaprelm.studies.ranking import average_precision
from tests.conftest import SENTENCES, saved
from tests.studies.conftest import SPELLING


def test_a_line_for_each_model(tmp_path, save_gap_relm, save_tagger, write_aligned, capsys):
    models = [save_gap_relm(tmp_path / "gap", template="masks"), save_tagger(tmp_path / "tagger", TAGGING)]
    main([*map(str, models), "--pairs", str(write_aligned(SPELLING))])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(map(str, models))
    # The third pair is not of equal length.
    assert all(": 1 wrong characters, detection " in line for line in lines)


def test_what_is_measured(tmp_path, save_gap_relm, write_aligned):
    """Of the pairs of equal length every character, with the planner's probability of REPLACE."""
    model, vocabulary = finished_model(save_gap_relm(tmp_path / "gap", template="masks"))
    model.operation_head.weight.data.zero_()
    model.operation_head.bias.data.zero_()
    model.operation_head.bias.data[REPLACE] = np.log(2)  # against KEEP and DELETE: 2 to 1 to 1
    found = measured(model, vocabulary, write_aligned(SPELLING))
    assert found.wrong.tolist() == [place == 7 for place in range(len(SPELLING[0][0]) + len(SPELLING[1][0]))]
    np.testing.assert_allclose(found.score, 0.5, rtol=1e-5)
    assert not found.right[~found.wrong].any()  # a right character's likeliest other one is never its own


def test_a_model_with_counts(tmp_path, make_model, write_aligned):
    """Before training it ranks by what counting says: the wrong character is the most suspicious one."""
    model, vocabulary = make_model(template="masks", enable_tagging=True, enable_counts=True)
    pairs = [("我今天去学习上课。", "我今天去学校上课。"), ("他在图书馆看书。", "他在图书馆看书。")]
    model.counts = CountModel.build(SENTENCES * 3, ErrorCounts.from_pairs(pairs))
    model.start_from_counts()
    model, vocabulary = finished_model(saved(model, vocabulary, tmp_path / "gap"))
    found = measured(model, vocabulary, write_aligned(pairs))
    assert found.wrong[found.score.argmax()]


def test_average_precision():
    score, wrong = np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False])
    assert average_precision(score, wrong) == pytest.approx((1 / 1 + 2 / 3) / 2)


@pytest.mark.parametrize(
    ("switches", "found"),
    [
        ({"template": "sparse"}, "found template sparse, enable_gap True"),
        ({"template": "full", "enable_gap": False}, "found template full, enable_gap False"),
    ],
)
def test_another_form_is_refused(tmp_path, save_gap_relm, write_aligned, switches, found):
    model = save_gap_relm(tmp_path / "gap", **switches)
    with pytest.raises(CheckpointError, match=found):
        main([str(model), "--pairs", str(write_aligned(SPELLING))])


def test_a_tagger_that_also_inserts_is_refused(tmp_path, save_tagger, write_aligned):
    with pytest.raises(CheckpointError, match="found architecture gector"):
        main([str(save_tagger(tmp_path / "tagger", GECTOR)), "--pairs", str(write_aligned(SPELLING))])


def test_a_set_without_wrong_characters_is_refused(tmp_path, save_tagger, write_aligned):
    with pytest.raises(InputError, match="found no wrong character in 1 pairs of equal length"):
        main([str(save_tagger(tmp_path / "tagger", TAGGING)), "--pairs", str(write_aligned(SPELLING[1:]))])
