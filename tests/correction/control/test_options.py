"""Options: checked when made, the same from JSON, and what they say of thresholds."""

import json
import pickle
import subprocess
import sys

import pytest

from gaprelm.characters import CLASSES, class_of
from gaprelm.correction.control import Control
from gaprelm.errors import ConfigurationError


def test_json_gives_the_same_options_back():
    control = Control(
        min_confidence=0.1,
        thresholds={"insert": 0.9},
        protect=["北京大学"],
        protect_patterns=[r"\d+"],
        always={"帐号": "账号"},
        max_rounds=3,
    )
    assert Control.from_dict(json.loads(json.dumps(control.as_dict()))) == control
    assert hash(Control.from_dict(control.as_dict())) == hash(control)
    assert Control.from_dict({}) == Control()
    assert list(control.protected_terms.find("去北京大学")) == [(1, 5, "北京大学")]
    assert pickle.loads(pickle.dumps(control)) == control


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"treshold": 1}, "control option 'treshold' is unknown"),
        ({"thresholds": 0.5}, "thresholds: found float 0.5; expected a mapping"),
        ({"thresholds": {"swap": 0.5}}, "threshold for 'swap'; expected one of replace, insert, delete"),
        ({"thresholds": {"insert": 2}}, "thresholds: insert: found int 2; expected a number from 0 to 1"),
        ({"min_confidence": float("nan")}, "min_confidence: found float nan"),
        ({"min_confidence": True}, "min_confidence: found bool True"),
        ({"max_insert_per_sentence": -1}, "max_insert_per_sentence: found int -1; expected a whole number"),
        ({"max_insert_ratio": "much"}, "max_insert_ratio: found 'much'; expected a number of at least 0"),
        ({"max_insert_ratio": float("inf")}, "max_insert_ratio: found float inf; expected a number of at least 0"),
        ({"max_insert_ratio": float("nan")}, "max_insert_ratio: found float nan; expected a number of at least 0"),
        ({"always": {"\0": "甲"}}, "always: found '.x00'; expected text without NUL"),
        ({"protect": ["\ud800"]}, "protect: found '.ud800'; expected text without lone surrogates"),
        ({"max_rounds": 0}, "max_rounds: found int 0; expected a whole number of at least 1"),
        ({"max_rounds": "2"}, "max_rounds: found '2'"),
        ({"protect_names": "yes"}, "protect_names: found 'yes'; expected true or false"),
        ({"by_sentence": 1}, "by_sentence: found int 1; expected true or false"),
        ({"protect": "北京"}, "protect: found '北京'; expected a list of texts"),
        ({"protect": ["北京", ""]}, "protect: found ''; expected text to look for"),
        ({"protect": ["\ud800"]}, "expected text without lone surrogates"),
        ({"protect": [1]}, "protect: found int 1; expected text"),
        ({"protect_patterns": ["(北"]}, r"protect_patterns: found '\(北'; expected a regular expression"),
        ({"always": {"甲": "乙\n丙"}}, r"always: found '乙\\n丙'; expected text without line ends"),
        ({"always": [["甲\r", "乙"]]}, r"always: found '甲\\r'; expected text without line ends"),
        ({"always": ["帐号"]}, "always: found '帐号'; expected a pair"),
        ({"always": [["", "的"]]}, "always: found ''; expected text to look for"),
        ({"always": [["帐", "账"], ["帐", "张"]]}, "always: found '帐'; expected one replacement for it"),
        ({"always": [["帐", "账"]], "never": [["帐", "账"]]}, "expected a pair that is not in 'always' too"),
        ({"never": {"的": "的"}}, "never: found '的'; expected two different texts"),
        ({"editable": ["hanzi"]}, "editable: found 'hanzi'; expected some of han, punctuation"),
        ({"switched_off": ["move"]}, "switched_off: found 'move'; expected some of replace, insert, delete"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ConfigurationError, match=message):
        Control.from_dict(options)


def test_thresholds():
    calibrated = {"replace": 0.6, "insert": 0.5, "delete": 0.75}
    assert Control().effective_thresholds(calibrated) == calibrated
    control = Control(thresholds={"insert": 0.2, "delete": None}, min_confidence=0.65, switched_off=["replace"])
    assert control.effective_thresholds(calibrated) == {"insert": 0.65, "delete": 0.75}
    assert Control().effective_thresholds({"delete": 0.5}) == {"delete": 0.5}


@pytest.mark.parametrize(
    ("characters", "name"),
    [
        ("我㐀\U00020000〇\U00030000", "han"),
        ("，。？“”…—、《》（）！：；·～「﹏", "punctuation"),
        (",.?!'\"()~", "ascii_punctuation"),
        ("aZéＡｚ", "latin"),
        ("09０９٣", "digits"),
        (" \u3000\t\n\r\u2028", "blanks"),
        ("😀\u200b\0\x1b\ud800あК①\ufeff", "other"),
    ],
)
def test_classes(characters, name):
    assert name in CLASSES
    assert {class_of(character) for character in characters} == {name}


def test_options_need_no_torch():
    code = "import sys, gaprelm; gaprelm.Control(protect=['a']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
