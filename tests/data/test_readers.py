"""Readers: every form of every format, and a clear word about what cannot be read."""

import json

import pytest

from gaprelm.data.readers import READERS, read_records, read_valid_records
from gaprelm.data.records import Record
from gaprelm.errors import ConfigurationError, InputError, Problem


def read(tmp_path, data_format, text, name="data.txt"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_records(str(path), data_format))


def problems(items):
    return [str(item).removeprefix(f"{item.path.parent}/") for item in items if isinstance(item, Problem)]


SGML = """<ESSAY title="信">
<TEXT>
<PASSAGE id="A-1">我門一起去學校，我很高行。</PASSAGE>
<PASSAGE id="A-2">天氣很好。</PASSAGE>
</TEXT>
<MISTAKE id="A-1" location="2">
<WRONG>我門</WRONG>
<CORRECTION>我們</CORRECTION>
</MISTAKE>
<MISTAKE id="A-1" location="12">
<WRONG>高行</WRONG>
<CORRECTION>高興</CORRECTION>
</MISTAKE>
</ESSAY>
"""
SGML_2013 = """<DOC Nid="00001">
<P>我再家看書。</P>
<TEXT>
<MISTAKE wrong_position=2>
<WRONG>再家</WRONG>
<CORRECT>在家</CORRECT>
</MISTAKE>
</TEXT>
</DOC>
<DOC Nid="00002">
<P>今天下雨。</P>
<TEXT>
<MISTAKE wrong_position=0>
</MISTAKE>
</TEXT>
</DOC>
"""


@pytest.mark.parametrize(
    ("data_format", "text", "expected"),
    [
        (
            "parallel",
            '我再家\t我在家\n\n他说"好\t他说“好\n',
            [("1", "我再家", ["我在家"]), ("3", '他说"好', ["他说“好"])],
        ),
        ("mucgec", "7\t我再家\t我在家\t我在家里\n", [("7", "我再家", ["我在家", "我在家里"])]),
        ("mucgec", "8\t我在家\t没有错误\n9\t我再\t无法标注\n", [("8", "我在家", ["我在家"]), ("9", "我再", [])]),
        ("mucgec", '{"source": "我再家", "target": "我在家"}\n', [("1", "我再家", ["我在家"])]),
        ("mucgec", '[{"source": "我再家", "target": "我在家"}]', [("1", "我再家", ["我在家"])]),
        ("ecspell", "1\t我再家\t我在家\n", [("1", "我再家", ["我在家"])]),
        ("ecspell", "我 再 家\t我 在 家\n", [("1", "我再家", ["我在家"])]),
        ("lemon", "我 再 家 L E D\t我 在 家 里 L E D\n", [("1", "我再家LED", ["我在家里LED"])]),
        ("lemon", "我   再\u3000\t我   在\u3000\n", [("1", "我 再\u3000", ["我 在\u3000"])]),
        (
            "clean",
            "今天下雨。\n\n  \n我在家。\n",
            [("1", "今天下雨。", ["今天下雨。"]), ("4", "我在家。", ["我在家。"])],
        ),
        (
            "sighan",
            SGML,
            [
                ("A-1", "我門一起去學校，我很高行。", ["我們一起去學校，我很高興。"]),
                ("A-2", "天氣很好。", ["天氣很好。"]),
            ],
        ),
        ("sighan", SGML_2013, [("00001", "我再家看書。", ["我在家看書。"]), ("00002", "今天下雨。", ["今天下雨。"])]),
        (
            "sighan",
            '[{"original_text": "我再家", "correct_text": "我在家", "wrong_ids": [1]}]',
            [("1", "我再家", ["我在家"])],
        ),
        ("sighan", "我再家\t我在家\n", [("1", "我再家", ["我在家"])]),
        ("sighan", "A-7\t我再家\t我在家\n", [("A-7", "我再家", ["我在家"])]),
        (
            "m2",
            "S 我 再 家\nT0-A0 我 在 家 里\nA 1 2|||S|||在|||REQUIRED|||-NONE-|||0\n"
            "A 3 3|||M|||里|||REQUIRED|||-NONE-|||0\n"
            "T1-A0 我 家\nA 1 2|||R|||-NONE-|||REQUIRED|||-NONE-|||1\n\n"
            "S 好\nT0 没有错误\nA -1 -1|||noop|||-NONE-|||REQUIRED|||-NONE-|||0\n",
            [("1", "我再家", ["我在家里", "我家"]), ("2", "好", ["好"])],
        ),
    ],
)
def test_forms(tmp_path, data_format, text, expected):
    assert read(tmp_path, data_format, text) == [Record(*row) for row in expected]


def test_two_mistakes_of_one_word(tmp_path):
    text = SGML.replace("高行", "糕行").replace('location="12"', 'location="11"')
    text = text.replace(
        "</ESSAY>",
        '<MISTAKE id="A-1" location="12">\n<WRONG>糕行</WRONG>\n<CORRECTION>高興</CORRECTION>\n</MISTAKE>\n</ESSAY>',
    )
    assert read(tmp_path, "sighan", text)[0].targets == ["我們一起去學校，我很高興。"]


def test_input_with_truth(tmp_path):
    (tmp_path / "X_TestTruth.txt").write_text("P-1, 2, 在\nP-2, 0\nP-3, 9, 好\nP-9, 0\n", encoding="utf-8")
    items = read(tmp_path, "sighan", "(pid=P-1)\t我再家\n(pid=P-2)\t我在家\n(pid=P-3)\t我在家\n", "X_TestInput.txt")
    records = [item for item in items if isinstance(item, Record)]
    assert records == [
        Record("P-1", "我再家", ["我在家"]),
        Record("P-2", "我在家", ["我在家"]),
        Record("P-3", "我在家", []),
    ]
    assert problems(items) == [
        "X_TestTruth.txt:3 (record P-3): found location '9'; expected a number from 1 to 3",
        "X_TestTruth.txt:4 (record P-9): found an id that is not in the input; expected an id of X_TestInput.txt",
    ]


def test_truth_with_places_only_gives_no_reference_for_wrong_sentences(tmp_path):
    (tmp_path / "F_SubTask1_Truth.txt").write_text("1, 2\n2, 0\n", encoding="utf-8")
    items = read(tmp_path, "sighan", "(NID=1) 我再家\n(NID=2) 我在家\n", "F_SubTask1.txt")
    assert items == [Record("1", "我再家", []), Record("2", "我在家", ["我在家"])]


def test_two_texts(tmp_path):
    (tmp_path / "x_correct.txt").write_text("我在家\n好\n", encoding="utf-8")
    expected = [Record("1", "我再家", ["我在家"]), Record("2", "好", ["好"])]
    assert read(tmp_path, "sighan", "我再家\n好\n", "x_error.txt") == expected
    (tmp_path / "y.txt").write_text("我在家\n好\n", encoding="utf-8")
    assert list(read_records(f"{tmp_path / 'x_error.txt'}+{tmp_path / 'y.txt'}", "sighan")) == expected
    with pytest.raises(InputError, match=r"has 1 lines and .* 2"):
        read(tmp_path, "sighan", "我再家\n", "x_error.txt")


def test_partners_are_asked_for(tmp_path):
    with pytest.raises(InputError, match=r"partner z_correct\.txt is not beside it"):
        read(tmp_path, "sighan", "我\n", "z_error.txt")
    with pytest.raises(InputError, match="second file of a pair"):
        read(tmp_path, "sighan", "我\n", "z_correct.txt")


@pytest.mark.parametrize(
    ("data_format", "text", "expected"),
    [
        ("parallel", "我\n", "data.txt:1: found 1 column; expected 2 columns: source TAB target"),
        ("parallel", "好\t好\n\na\tb\tc\n", "data.txt:3: found 3 columns; expected 2 columns: source TAB target"),
        ("parallel", "好\t \n", "data.txt:1 (record 1): found an empty target; expected text"),
        ("ecspell", "x\t好\t好\n", "data.txt:1: found 'x' in column 1; expected the number of wrong characters"),
        ("mucgec", "1\n", "data.txt:1: found 1 column; expected id TAB source TAB reference [TAB reference …]"),
        (
            "mucgec",
            '{"source": "好"}\n',
            'data.txt:1: found no key "target"; expected an object with "source" and "target"',
        ),
        ("mucgec", '{"source": "好", "target": null}', 'data.txt:1: found "target" is null'),
        ("mucgec", '{"source": 3, "target": "好"}', 'data.txt:1: found "source" is int'),
        ("mucgec", '{"source": "好", "target": "好"}\n[1]\n', "data.txt:2: found list [1]; expected an object"),
        ("mucgec", '{"source": "好", "target": "好"', "data.txt:1: found no valid JSON"),
        ("mucgec", '{"source": NaN, "target": "好"}', "data.txt:1: found no valid JSON (NaN is not JSON"),
        ("mucgec", '{"source": "\\ud83d", "target": "好"}', "data.txt:1: found a lone surrogate"),
        ("sighan", SGML.replace('location="2"', 'location="99"'), "data.txt:6 (record A-1): found location 99"),
        (
            "sighan",
            SGML.replace('location="2"', 'location="5"'),
            "data.txt:6 (record A-1): found location 5 with WRONG",
        ),
        (
            "sighan",
            SGML.replace("我們<", "我們大家<"),
            "data.txt:6 (record A-1): found WRONG '我門' and CORRECTION '我們大家'",
        ),
        (
            "sighan",
            SGML.replace("天氣很好。</PASSAGE>", "天氣很好。"),
            "data.txt:4: found <PASSAGE> that is not closed",
        ),
        ("sighan", SGML + SGML, "data.txt:17 (record A-1): found this id for the second time"),
        ("m2", "X 好\n", "data.txt:1: found 'X 好'; expected a line that starts with 'S '"),
        (
            "m2",
            "S 好\nA 0 9|||S|||x|||REQUIRED|||-NONE-|||0\n",
            "data.txt:2: found span 0 9; expected 0 <= start <= end <= 1",
        ),
        ("m2", "S 好\nA 0|||S|||x\n", "data.txt:2: found"),
    ],
)
def test_bad_records_name_line_and_expectation(tmp_path, data_format, text, expected):
    found = problems(read(tmp_path, data_format, text))
    assert found, "a bad record went through"
    assert found[0].startswith(expected), found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"source": "好", "target"', "cut off"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"source": "好", "target": "好"},]', "no valid JSON"),
    ],
)
def test_broken_arrays_are_refused_whole(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, "mucgec", text)


def test_a_mistake_that_cannot_be_placed_leaves_no_reference(tmp_path):
    items = read(tmp_path, "sighan", SGML.replace('location="2"', 'location="99"'))
    records = {item.id: item for item in items if isinstance(item, Record)}
    assert records["A-1"].targets == []
    assert records["A-2"].targets == ["天氣很好。"]


def test_skip_and_error(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("我再\t我在\n坏\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.tsv:2: found 1 column.*\n.*on_bad_record=skip"):
        read_valid_records(str(path), "parallel", "error")
    records, bad = read_valid_records(str(path), "parallel", "skip")
    assert len(records) == len(bad) == 1


def test_unknown_format_and_no_records(tmp_path):
    with pytest.raises(ConfigurationError, match="use one of mucgec"):
        list(read_records("x", "xml"))
    path = tmp_path / "blank.txt"
    path.write_text(" \n\n", encoding="utf-8")
    for data_format in READERS:
        if data_format != "m2":
            with pytest.raises(InputError, match="no record"):
                read_valid_records(str(path), data_format, "skip")


def test_json_with_wrong_ids_is_a_problem_but_keeps_its_texts(tmp_path):
    text = json.dumps([{"original_text": "我再家", "correct_text": "我在家", "wrong_ids": [9]}])
    items = read(tmp_path, "sighan", text)
    assert problems(items)[0].startswith("data.txt:1 (record 1): found wrong_ids [9]; expected [1]")
    assert items[-1] == Record("1", "我再家", ["我在家"])
