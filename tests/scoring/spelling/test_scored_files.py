"""Spelling scores of files from Python."""

import pytest

from gaprelm.errors import ConfigurationError, InputError
from gaprelm.scoring.spelling import score_official_files, score_text_files


@pytest.fixture
def files(tmp_path):
    contents = {
        "truth": "1, 2, 在\n2, 0\n3, 3, 冷\n",
        "result": "1, 2, 在\n2, 0\n3, 3, 令\n",
        "places": "1, 2\n2, 0\n3, 3\n",
        "references": "1\t我再家\t我在家\n2\t他好\t他好\n3\t天气泠\t天气冷\n",
        "several": "1\t我再家\t我在家\n2\t他好\t没有错误\t他很好\n3\t天气泠\t天气冷\n",
        "hypotheses": "我在家\n他好\n天气令\n",
        "two": "1\t我再家\t我在家\t我在\n2\t他好\t他好\n3\t天气泠\t天气冷\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return {name: tmp_path / name for name in contents}


@pytest.mark.parametrize("definition", ["official", "sentence"])
@pytest.mark.parametrize("year", [2014, 2015])
def test_official_files_and_texts_score_alike(files, definition, year):
    official = score_official_files(files["truth"], files["result"], year, definition=definition)
    texts = score_text_files(files["references"], files["hypotheses"], year, definition=definition)
    assert official.as_dict() == texts.as_dict()
    assert official.correction.recall == 0.5
    assert official.correction.precision == {"official": 1.0, "sentence": 0.5}[definition]
    assert (f"|year:{year}|" in official.signature) == (definition == "official")


def test_the_sub_task_of_2013_is_that_of_the_truth_file(files):
    places = score_official_files(files["places"], files["places"], 2013)
    assert "|task:1|" in places.signature
    assert places.location.accuracy == 1.0
    characters = score_official_files(files["truth"], files["result"], 2013)
    assert "|task:2|" in characters.signature
    assert characters.correction_accuracy == 0.5
    assert "|task:1|" in score_text_files(files["references"], files["hypotheses"], 2013, task=1).signature


def test_characters_have_places_only_where_lengths_are_known(files):
    score = score_text_files(files["references"], files["hypotheses"], definition="character")
    assert (score.detection.precision, score.correction.precision, score.detection.accuracy) == (1.0, 0.5, 1.0)


def test_what_the_official_scorers_do_not_know(files):
    with pytest.raises(InputError, match="several: sentence 2 has several references"):
        score_text_files(files["several"], files["hypotheses"])
    assert score_text_files(files["several"], files["hypotheses"], definition="sentence").sentences == 3
    with pytest.raises(InputError, match="two:1: several hypotheses; expected one"):
        score_text_files(files["references"], files["two"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"year": 2012}, "year 2012; expected one of 2013, 2014, 2015"),
        ({"task": 1}, "task 1 with year 2015"),
        ({"task": 3, "year": 2013}, "task 3; expected 1 or 2"),
        ({"definition": "strict"}, "definition 'strict'; expected one of official, sentence, character, pycorrector"),
    ],
)
def test_arguments_of_no_meaning(files, arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        score_text_files(files["references"], files["hypotheses"], **arguments)
