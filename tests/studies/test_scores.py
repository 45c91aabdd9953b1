"""The table of a finished model: what its columns hold, by hand."""

import json

import pytest

from gaprelm.data.records import ScoredSentence
from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import ProposedEdit
from gaprelm.json_files import write_json
from gaprelm.model.checkpoint import CALIBRATION, trained_weights_hash
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.studies.scores import main, set_scores, table_row
from tests.studies.conftest import SPELLING


def all_types(value):
    return dict.fromkeys(("replace", "insert", "delete"), value)


POINTS = {"f0.5": all_types(0.9), "f1": all_types(0.5)}


@pytest.fixture(scope="module")
def annotator():
    return Annotator(Resources.load(None))


def test_each_figure_is_that_of_its_point(annotator):
    sentences = [ScoredSentence(str(i), source, [target]) for i, (source, target) in enumerate(SPELLING[:2])]
    # The wrong character is found with little confidence; the correct sentence is touched with less.
    proposals = [[ProposedEdit(Edit(7, 8, "课"), 0.6)], [ProposedEdit(Edit(0, 1, "她"), 0.55)]]
    scores = set_scores(sentences, proposals, POINTS, annotator)
    careful, even = scores["f0.5"], scores["f1"]
    assert (careful["tp"], careful["fp"], careful["fn"], careful["touched"]) == (0, 0, 1, 0.0)
    assert (even["tp"], even["fp"], even["fn"], even["touched"]) == (1, 1, 0, 1.0)
    assert even["f"] == pytest.approx(2 / 3, abs=1e-4)
    # Whole sentences: one found, one false alarm.
    assert even["pycorrector"] == pytest.approx(2 / 3, abs=1e-4)
    low, high = even["interval"]["low"], even["interval"]["high"]
    assert low <= even["f"] <= high
    assert table_row("spelling", scores) == (
        f"| spelling | 1.000 | 0.000 | 0.000 (0.000 to 1.000) | - | - | 0.000 "
        f"| 0.667 ({low:.3f} to {high:.3f}) | 0.667 | 0.0 % |"
    )


def test_sets_without_correct_sentences_have_no_share_of_touched_ones(annotator):
    sentences = [ScoredSentence("0", *SPELLING[0][:1], [SPELLING[0][1]])]
    row = table_row("wrong", set_scores(sentences, [[]], POINTS, annotator))
    assert row.endswith(" | - |")


def test_a_line_for_each_set_and_a_file(tmp_path, save_gap_relm, write_aligned, capsys):
    model = save_gap_relm(tmp_path / "model")
    points = {point: {"thresholds": values} for point, values in POINTS.items()}
    write_json(
        model / CALIBRATION,
        {"weights_sha256": trained_weights_hash(model), "default": "f0.5", "operating_points": points},
    )
    sets = [write_aligned(SPELLING, name) for name in ("test_a.parquet", "test_b.parquet")]
    main([str(model), "--tests", *map(str, sets), "--output", str(tmp_path / "scores.json")])
    header, _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0] for row in rows] == ["| a", "| b"]
    assert all(row.count("|") == header.count("|") for row in rows)
    document = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert document["a"] == document["b"]
    assert document["a"]["sentences"] == len(SPELLING)
