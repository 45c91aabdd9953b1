"""Readers: every form of every format, and a clear word about what cannot be read."""

import json

import pytest

from gaprelm.data.readers import READERS, read_records, valid_records
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
        ("excgec", '[{"instruction": "改错", "input": "我再家", "output": "我在家"}]', [("1", "我再家", ["我在家"])]),
        ("excgec", '{"id": "x", "input": "我再家", "output": "我在家"}\n', [("x", "我再家", ["我在家"])]),
        (
            "yaclc",
            '{"sentence_id": 5, "sentence_text": "我再家", "sentence_annos": '
            '[{"correction": "我在家"}, {"correction": "我在家里"}, {"correction": "我在家"}]}\n',
            [("5", "我再家", ["我在家", "我在家里"])],
        ),
        (
            "lang8",
            "1\t0\t我在家\n2\t2\t我再家\t我在家\t我在家里\n",
            [("1", "我在家", ["我在家"]), ("2", "我再家", ["我在家", "我在家里"])],
        ),
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


CGED_2014 = """<ESSAY title="信">
<TEXT>
<SENTENCE id="A-1">我昨天去去學校</SENTENCE>
<SENTENCE id="A-2">天氣很好</SENTENCE>
</TEXT>
<MISTAKE id="A-1">
<TYPE>Redundant</TYPE>
<CORRECTION>我昨天去學校</CORRECTION>
</MISTAKE>
</ESSAY>
"""
CGED_2015 = """<DOC>
<SENTENCE id="A-1">天氣都熱</SENTENCE>
<MISTAKE start_off="4" end_off="4">
<TYPE>Missing</TYPE>
<CORRECTION>天氣都很熱</CORRECTION>
</MISTAKE>
</DOC>
"""
# As from 2016 on; some files lack <DOC> after a correct sentence, and blanks between attributes.
CGED_2016 = """<DOC>
<TEXT id="1">
我再家看书。
</TEXT>
<CORRECTION>
我在家看书。
</CORRECTION>
<ERROR start_off="2"end_off="2"type="S"></ERROR>
<ERROR start_off="7" end_off="7" type="M"></ERROR>
</DOC>
<DOC>
<TEXT id="2">
天气&lt;很冷。
</TEXT>
<CORRECTION>
天气&lt;很冷。
</CORRECTION>
</DOC>
<TEXT id="3">好<b>的
吗。</TEXT>
</DOC>
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CGED_2014, [("A-1", "我昨天去去學校", ["我昨天去學校"]), ("A-2", "天氣很好", ["天氣很好"])]),
        (CGED_2015, [("A-1", "天氣都熱", ["天氣都很熱"])]),
        (
            CGED_2016,
            [("1", "我再家看书。", ["我在家看书。"]), ("2", "天气<很冷。", ["天气<很冷。"]), ("3", "好<b>的吗。", [])],
        ),
    ],
)
def test_cged_of_all_years(tmp_path, text, expected):
    items = read(tmp_path, "cged", text)
    assert [(item.id, item.source, item.targets) for item in items if isinstance(item, Record)] == expected
    assert all(item.warning for item in items if isinstance(item, Problem))
    assert [item.found for item in items if isinstance(item, Problem)] == ["no CORRECTION"] * (text is CGED_2016)


@pytest.mark.parametrize(
    ("text", "message", "targets"),
    [
        (CGED_2016.replace('"2"end', '"9"end'), "(record 1): found span '9' to '2'; expected numbers from 1 to 6", 1),
        (CGED_2016.replace("我在家", "我再家"), "found a mistake marked in a sentence whose CORRECTION is equal", 1),
        (CGED_2016.replace("</CORRECTION>", "", 1), ":5: found <CORRECTION> that is not closed", 0),
        (CGED_2016.replace("我在家看书。", ""), "found an empty CORRECTION", 0),
        (CGED_2016.replace("我再家看书。", ""), "found an empty TEXT", None),
        (CGED_2016.replace("</TEXT>", "", 1), ":2: found <TEXT> that is not closed", None),
        (CGED_2016.replace("在", "\0"), "a NUL byte", 0),
        (CGED_2014.replace('<MISTAKE id="A-1">', '<MISTAKE id="X">'), "found a mistake of an unknown sentence", 1),
        (CGED_2014.replace("A-2", "A-1"), "found this id for the second time", 1),
        (CGED_2014[: CGED_2014.index("</SENTENCE>")], ":3: found <SENTENCE> that is not closed", None),
    ],
)
def test_cged_that_does_not_fit(tmp_path, text, message, targets):
    """Each is named, and no wrong reference is made of it."""
    items = read(tmp_path, "cged", text)
    assert message in "\n".join(problems(items))
    first = next((item for item in items if isinstance(item, Record) and item.id in ("1", "A-1")), None)
    assert (first and len(first.targets)) == targets


def test_m2_with_several_texts_of_an_edit(tmp_path):
    text = (
        "S 我  再 家 。\nA 1 2|||S|||在||于|||REQUIRED|||-NONE-|||0\n\n"
        "S 他 都 都 去 。\nA 1 3|||R|||-NONE-||都|||REQUIRED|||-NONE-|||0\n\n"
        "S 一 二 三 四\n" + "".join(f"A {i} {i + 1}|||S|||甲||乙|||REQUIRED|||-NONE-|||0\n" for i in range(4))
    )
    items = read(tmp_path, "m2", text)
    assert [item.targets for item in items[:2]] == [["我在家。", "我于家。"], ["他去。", "他都去。"]]
    assert len(items[2].targets) == 8  # of sixteen


@pytest.mark.parametrize(
    ("data_format", "text"),
    [
        ("parallel", "source\ttarget\n再\t在\n"),
        ("parallel", "错误句子\t正确句子\n再\t在\n"),
        ("mucgec", "ID\tSource\tReference 1\tReference 2\t\n1\t再\t在\n"),
        ("ecspell", "errors\tsource_text\ttarget_text\n1\t再\t在\n"),
        ("lemon", "src\ttgt\n再\t在\n"),
        ("sighan", '"wrong"\t"correct"\n再\t在\n'),
        ("lang8", "id\tnum\tsource\tcorrections\n1\t1\t再\t在\n"),
    ],
)
def test_a_row_of_column_names_is_no_pair(tmp_path, data_format, text):
    warning, record = read(tmp_path, data_format, text)
    assert warning.warning
    assert warning.line == 1
    assert warning.expected == "sentences: this row of column names is left out"
    assert (record.source, record.targets) == ("再", ["在"])
    # Later rows are sentences, whatever they are.
    assert not [item for item in read(tmp_path, "parallel", "再\t在\n错误\t正确\n") if isinstance(item, Problem)]


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


def test_two_texts_with_names_of_columns(tmp_path):
    (tmp_path / "x_error.txt").write_text("source\n再\n", encoding="utf-8")
    (tmp_path / "x_correct.txt").write_text("target\n在\n", encoding="utf-8")
    warning, record = read_records(str(tmp_path / "x_error.txt"), "parallel")
    assert isinstance(warning, Problem)
    assert (record.source, record.targets) == ("再", ["在"])


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
        ("lang8", "1\t2\t好\t好\n", "data.txt:1: found '1\\t2\\t好\\t好'; expected id TAB count TAB source"),
        ("mucgec", "1\t再\t在\n2\t再\n", "data.txt:2 (record 2): found no reference; expected id TAB source"),
        ("mucgec", "1\t再\n2\t再\t在\n", "data.txt:2 (record 2): found 3 columns; expected 2, id TAB source"),
        (
            "mucgec",
            '{"source": "再", "target": "在"}\n{"source": "好"}\n',
            'data.txt:2: found no key "target"; expected an object with "source" and "target"',
        ),
        ("excgec", '[{"input": "好"}]', 'data.txt:1 (record 1): found no key "output"'),
        ("yaclc", '{"sentence_text": "好", "sentence_annos": [3]}', "data.txt:1: found int 3; expected an object"),
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
        ("mucgec", '{"source": "好", "target": "好"', "data.txt:1: found invalid JSON"),
        ("mucgec", '{"source": NaN, "target": "好"}', "data.txt:1: found invalid JSON (NaN is not JSON"),
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
        ('[{"source": "好", "target": "好"},]', "expected valid JSON"),
    ],
)
def test_broken_arrays_are_refused_whole(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, "mucgec", text)


FCGEC_SENTENCE = "他昨天去了公圆里玩。"


@pytest.mark.parametrize(
    ("operation", "targets"),
    [
        ([{"Modify": [{"pos": 6, "tag": "MOD_1", "label": "园"}]}], ["他昨天去了公园里玩。"]),
        ([{"Modify": [{"pos": 5, "tag": "MOD_2+INS_1", "label": "大公园"}]}], ["他昨天去了大公园里玩。"]),
        (
            [{"Insert": [{"pos": 4, "tag": "INS_1", "label": ["大", "小"]}]}],
            ["他昨天去了大公圆里玩。", "他昨天去了小公圆里玩。"],
        ),
        ([{"Delete": [7]}, {"Delete": [4, 7]}], ["他昨天去了公圆玩。", "他昨天去公圆玩。"]),
        ([{"Switch": [1, 2, 0, 3, 4, 5, 6, 7, 8, 9], "Delete": [7]}], ["昨天他去了公圆玩。"]),
        ([{"Delete": [7], "Modify": [{"pos": 6, "tag": "MOD_1", "label": ["园"]}]}], ["他昨天去了公园玩。"]),
    ],
)
def test_operations_of_fcgec(tmp_path, operation, targets):
    member = {"sentence": FCGEC_SENTENCE, "error_flag": 1, "operation": json.dumps(operation)}
    text = json.dumps({"a": member, "b": {"sentence": "好。", "error_flag": 0}, "c": {"sentence": "测试。"}})
    assert read(tmp_path, "fcgec", text) == [
        Record("a", FCGEC_SENTENCE, targets),
        Record("b", "好。", ["好。"]),
        Record("c", "测试。", []),
    ]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ([{"Delete": [10]}], "found pos int 10; expected a place from 0 to 9"),
        ([{"Delete": [-1]}], "found pos int -1"),
        ([{"Switch": [0, 0, 2, 3, 4, 5, 6, 7, 8, 9]}], "not a permutation"),
        ([{"Modify": [{"pos": 9, "tag": "MOD_2", "label": "x"}]}], "expected MOD_N within the 10 characters"),
        ([{"Modify": [{"pos": 5, "tag": "MOD_2", "label": "x"}], "Delete": [6]}], "operations that overlap"),
        ([{"Move": [1]}], "operation 'Move'"),
        ([{"Insert": None}], "found Insert NoneType None; expected a list"),
        ([{"Modify": 5}], "found Modify int 5; expected a list"),
        ([], "expected at least one operation"),
        ("[{", "not JSON"),
    ],
)
def test_broken_operations_of_fcgec_leave_no_reference(tmp_path, operation, message):
    text = operation if isinstance(operation, str) else json.dumps(operation)
    member = {"sentence": FCGEC_SENTENCE, "error_flag": 1, "operation": text}
    problem, record = read(tmp_path, "fcgec", json.dumps({"a": member}))
    assert message in str(problem)
    assert "(record a)" in str(problem)
    assert record == Record("a", FCGEC_SENTENCE, [])


@pytest.mark.parametrize(
    ("data_format", "text", "message"),
    [
        ("mucgec", '{"source": "", "target": "好"}\n', 'an empty "source"'),
        ("mucgec", '{"source": "好", "target": ""}\n', 'an empty "target"'),
        ("mucgec", '{"source": "\\ud83d", "target": "好"}\n', "a lone surrogate"),
        ("fcgec", '{"a": {"sentence": "\\ud83d", "error_flag": 0}}', "a lone surrogate"),
        (
            "fcgec",
            '{"a": {"sentence": "好", "error_flag": 1, "operation": [{"Insert": [{"pos": 0, "label": "\\ud800"}]}]}}',
            "a lone surrogate",
        ),
        ("mucgec", '{"source": "好"}\n', 'no key "target"'),
        ("yaclc", '{"sentence_text": "好", "sentence_annos": []}\n', "no annotation"),
        ("m2", "S \nA -1 -1|||noop|||-NONE-|||REQUIRED|||-NONE-|||0\n", "an empty sentence"),
    ],
)
def test_odd_records_keep_their_place_without_a_reference(tmp_path, data_format, text, message):
    problem, record = read(tmp_path, data_format, text)
    assert problem.warning
    assert message in str(problem)
    assert record.targets == []
    assert record.source in ("好", "")
    noted = []
    assert len(list(valid_records(str(tmp_path / "data.txt"), data_format, "error", noted))) == len(noted) == 1


@pytest.mark.parametrize(
    ("data_format", "text"),
    [
        ("mucgec", '{"id": "\\ud800", "source": "再", "target": "在"}'),
        ("yaclc", '{"sentence_id": "\\ud800", "sentence_text": "再", "sentence_annos": [{"correction": "在"}]}'),
        ("fcgec", '{"\\ud800": {"sentence": "在", "error_flag": 0}}'),
    ],
)
def test_names_can_be_written(tmp_path, data_format, text):
    [record] = read(tmp_path, data_format, text)
    assert (record.id, record.targets) == ("?", ["在"])


def test_an_empty_correction_of_yaclc_leaves_the_others(tmp_path):
    annotations = [{"correction": text} for text in ("我在", "", "我再来")]
    item = {"sentence_id": 1, "sentence_text": "我再", "sentence_annos": annotations}
    problem, record = read(tmp_path, "yaclc", json.dumps(item))
    assert problem.warning
    assert 'an empty "correction"' in str(problem)
    assert record == Record("1", "我再", ["我在", "我再来"])


def test_edits_of_m2_that_overlap(tmp_path):
    def block(*edits):
        lines = (f"A {start} {end}|||S|||{text}|||REQUIRED|||-NONE-|||{name}\n" for name, start, end, text in edits)
        return "S 甲 乙 丙 丁 戊\n" + "".join(lines) + "\n"

    fine = block((0, 3, 4, "寅"), (0, 1, 3, "子 丑"), (0, 1, 1, "前"), (1, 2, 4, "卯"))
    wrong = block((0, 2, 4, "寅"), (1, 1, 3, "子"), (0, 1, 3, "子 丑"))
    record, *rest = read(tmp_path, "m2", fine + wrong + block((0, 1, 3, "子"), (0, 2, 2, "丑")))
    assert record.targets == ["甲前子丑寅戊", "甲乙卯戊"]
    assert problems(rest) == [
        "data.txt:7: found edits of annotator 0 that overlap: (1, 3), (2, 4); expected disjoint spans",
        "data.txt:12: found edits of annotator 0 that overlap: (1, 3), (2, 2); expected disjoint spans",
    ]
    assert len(rest) == 2


def test_a_key_that_stands_twice(tmp_path):
    problem, record = read(tmp_path, "mucgec", '{"source": "x", "source": "再", "target": "在"}\n')
    assert problem.warning
    assert record == Record("1", "再", ["在"])


def test_records_know_their_lines(tmp_path):
    text = '[\n{"input": "再",\n"output": "在"},\n{"input": "好", "output": "好"}]'
    assert [record.line for record in read(tmp_path, "excgec", text)] == [2, 4]
    assert [record.line for record in read(tmp_path, "sighan", SGML)] == [3, 4]
    assert [record.line for record in read(tmp_path, "parallel", "\n再\t在\n")] == [2]


def test_long_documents_are_read_in_windows(tmp_path):
    """Objects longer than the window, and errors far behind it, are seen with their lines."""
    items = [{"input": "再" * size, "output": "在" * size} for size in (10, 100_000, 300_000, 3)]
    text = "[\n" + ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    records = read(tmp_path, "excgec", text + "]")
    assert [(len(r.source), r.line) for r in records] == [(10, 2), (100_000, 3), (300_000, 4), (3, 5)]
    with pytest.raises(InputError, match=r"data\.txt:5: found invalid JSON.*cut off"):
        read(tmp_path, "excgec", text[:-5])
    with pytest.raises(InputError, match=r"data\.txt:3: found invalid JSON"):
        read(tmp_path, "excgec", text.replace('"output": "' + "在" * 100_000, "output: " + "在" * 100_000) + "]")


def test_a_passage_with_broken_bytes_stays_without_a_reference(tmp_path):
    content = SGML.encode().replace("天氣很好".encode(), "天氣".encode() + b"\xe5\xa5")
    items = read(tmp_path, "sighan", content)
    records = {item.id: item for item in items if isinstance(item, Record)}
    assert records["A-1"].targets == ["我們一起去學校，我很高興。"]
    assert records["A-2"].targets == []
    assert "not valid UTF-8" in problems(items)[0]


def test_a_table_is_no_plain_text(tmp_path):
    with pytest.raises(InputError, match=r"data\.tsv: found a \.tsv file, a table; expected plain text"):
        read(tmp_path, "clean", "我在家。\n", "data.tsv")
    (tmp_path / "x_error.tsv").write_text("再\t在\n", encoding="utf-8")
    assert read(tmp_path, "parallel", "再\t在\n", "x_correct.tsv") == [Record("1", "再", ["在"])]


def test_source_and_target_files(tmp_path):
    (tmp_path / "x.tgt").write_text("我在家\n", encoding="utf-8")
    assert read(tmp_path, "parallel", "我再家\n", "x.src") == [Record("1", "我再家", ["我在家"])]
    with pytest.raises(InputError, match="second file of a pair"):
        list(read_records(str(tmp_path / "x.tgt"), "parallel"))


def test_a_mistake_that_cannot_be_placed_leaves_no_reference(tmp_path):
    items = read(tmp_path, "sighan", SGML.replace('location="2"', 'location="99"'))
    records = {item.id: item for item in items if isinstance(item, Record)}
    assert records["A-1"].targets == []
    assert records["A-2"].targets == ["天氣很好。"]


def test_skip_and_error(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("我再\t我在\n坏\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.tsv:2: found 1 column.*\n.*on_bad_record=skip"):
        list(valid_records(str(path), "parallel", "error", []))
    bad = []
    assert len(list(valid_records(str(path), "parallel", "skip", bad))) == len(bad) == 1


def test_unknown_format_and_no_records(tmp_path):
    with pytest.raises(ConfigurationError, match="use one of mucgec"):
        list(read_records("x", "xml"))
    path = tmp_path / "blank.txt"
    path.write_text(" \n\n", encoding="utf-8")
    for data_format in READERS:
        if data_format != "m2":
            with pytest.raises(InputError, match="no record"):
                list(valid_records(str(path), data_format, "skip", []))


def test_json_with_wrong_ids_is_a_problem_but_keeps_its_texts(tmp_path):
    text = json.dumps([{"original_text": "我再家", "correct_text": "我在家", "wrong_ids": [9]}])
    items = read(tmp_path, "sighan", text)
    assert problems(items)[0].startswith("data.txt:1 (record 1): found wrong_ids [9]; expected [1]")
    assert items[-1] == Record("1", "我再家", ["我在家"])
