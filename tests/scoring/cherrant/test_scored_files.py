"""Scores of files from Python: texts, M2, ranges, several systems."""

import pytest

from gaprelm.errors import InputError
from gaprelm.scoring.cherrant import cherrant, score_files
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions
from gaprelm.scoring.cherrant.m2_writing import m2_block
from gaprelm.scoring.cherrant.scored_files import ScoredFiles

SOURCES = ["我再家", "他好", "天气泠"]
REFERENCES = [["我在家"], ["没有错误", "他很好"], ["天气冷"]]
FIRST, SECOND = ["我在家", "他好", "天气令"], ["我再家", "他好", "天气冷"]


@pytest.fixture
def files(tmp_path):
    """The references, and both systems, as texts and as M2."""
    columns = {"references": REFERENCES, "first": [[text] for text in FIRST], "second": [[text] for text in SECOND]}
    paths = {}
    for name, targets in columns.items():
        rows = ["\t".join((str(i), source, *row)) for i, (source, row) in enumerate(zip(SOURCES, targets, strict=True))]
        paths[name] = tmp_path / f"{name}.tsv"
        paths[name].write_text("\n".join(rows) + "\n", encoding="utf-8")
        paths[f"{name} m2"] = tmp_path / f"{name}.m2"
        blocks = map(m2_block, Annotator().annotate(zip(SOURCES, targets, strict=True)))
        paths[f"{name} m2"].write_text("".join(blocks), encoding="utf-8")
    return paths


def test_several_systems_score_as_their_texts_do(files):
    options = ComparisonOptions(beta=1.0)
    scores = score_files(files["references"], [files["first"], files["second"]], options)
    expected = [cherrant(SOURCES, texts, REFERENCES, options) for texts in (FIRST, SECOND)]
    assert [score.as_dict() for score in scores] == [score.as_dict() for score in expected]
    assert scores[0].as_dict() != scores[1].as_dict()


@pytest.mark.parametrize("references", ["references", "references m2"])
@pytest.mark.parametrize("hypotheses", ["first", "first m2"])
def test_m2_scores_as_texts_and_the_signature_says_so(files, references, hypotheses):
    (score,) = score_files(files[references], [files[hypotheses]])
    assert score.chosen == cherrant(SOURCES, FIRST, REFERENCES).chosen
    sides = [name for name in (references, hypotheses) if name.endswith("m2")]
    assert ("|m2:" in score.signature) == bool(sides)
    assert ("alignments:all" in score.signature) == (len(sides) < 2)
    files_read = ScoredFiles.read(files[references], [files[hypotheses]])
    assert files_read.need_annotator == (len(sides) < 2)


def test_a_range_is_scored_and_named(files):
    (score,) = score_files(files["references"], [files["first"]], start=1, end=2)
    assert score.chosen == cherrant(SOURCES[1:2], FIRST[1:2], REFERENCES[1:2]).chosen
    assert "|sentences:1-2|" in score.signature
    (rest,) = score_files(files["references m2"], [files["first m2"]], start=2)
    assert len(rest.chosen) == 1
    assert "|sentences:2-|" in rest.signature


def test_files_of_other_sentences_are_an_error(files):
    files["second"].write_text("0\t我再家\t我在家\n1\t他坏\t他好\n2\t天气泠\t天气冷\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"second\.tsv:2: found source '他坏'"):
        score_files(files["references"], [files["first"], files["second"]])
