"""The forty malformed files: each gets the exit code and the words that their index asks for. Skipped without them."""

import json
import re

import pytest

from gaprelm.cli import main as cli

ERROR, WARNING, CLEAN = 2, 1, 0
# file: format named by the index, exit code, what the report must say ("LINE: words" or just words).
FILES = {
    "01_jsonl_truncated_line.jsonl": ("mucgec", ERROR, ["3: invalid JSON", "3: cut off"]),
    "02_jsonl_missing_target.jsonl": ("mucgec", ERROR, ['2: no key "target"']),
    "03_jsonl_null_target.jsonl": ("mucgec", ERROR, ['2: "target" is null']),
    "04_jsonl_wrong_types.jsonl": ("mucgec", ERROR, ["2: is int", "2: is bool", "3: is list", "3: is dict"]),
    "05_jsonl_line_is_array.jsonl": ("mucgec", ERROR, ["2: list", "3: '", "an object with source and target"]),
    "06_jsonl_python_literals.jsonl": ("mucgec", ERROR, ["1: invalid JSON", "2: invalid JSON", "3: NaN"]),
    "07_jsonl_lone_surrogate.jsonl": ("mucgec", WARNING, ["1: a lone surrogate"]),
    "08_jsonl_duplicate_keys.jsonl": ("mucgec", WARNING, ["1: a key that stands twice", "the last one counts"]),
    "09_jsonl_duplicate_ids.jsonl": ("mucgec", WARNING, ["the id '1' 3 times, in lines 1, 2, 4"]),
    "10_jsonl_bom_crlf.jsonl": ("mucgec", CLEAN, []),
    "11_jsonl_empty_and_space.jsonl": (
        "mucgec",
        WARNING,
        ['1: an empty "source"', '2: an empty "source"', '3: an empty "target"'],
    ),
    "12_jsonl_long_line.jsonl": ("mucgec", WARNING, ["1: a sentence of 678,300 characters", "at most 62"]),
    "13_json_truncated_array.json": ("excgec", ERROR, [":15:", "at column 9", "the document is cut off"]),
    "14_json_wrong_top_level.json": ("excgec", ERROR, ["an object with the keys", "data", "expected a list"]),
    "15_json_deep_nesting.json": ("mucgec", ERROR, ["nested too deeply"]),
    "16_json_wrong_ids_mismatch.json": (
        "sighan",
        WARNING,
        [".json:1: 1: wrong_ids [9, 99]", ".json:1: 2: wrong_ids [-1]", ".json:1: 4: wrong_ids [1]"],
    ),
    "17_json_is_gzip.json": ("mucgec", ERROR, ["gzip-compressed bytes"]),
    "18_json_is_html.json": ("mucgec", ERROR, ["not JSON", "HTML", ":1:"]),
    "19_fcgec_bad_operations.json": (
        "fcgec",
        ERROR,
        ["aa01: pos int 99", "aa02: ", "not JSON", "aa03: Switch", "permutation", "aa04: ", "at least one operation"],
    ),
    "20_yaclc_no_annotations.jsonl": (
        "yaclc",
        WARNING,
        ["1: no annotation", "2: no annotation", '3: an empty "correction"'],
    ),
    "21_tsv_one_column.tsv": ("parallel", ERROR, ["1: 1 column", "2 columns: source TAB target"]),
    "22_tsv_nine_columns.tsv": ("parallel", ERROR, ["1: 9 columns", "2 columns: source TAB target"]),
    "23_tsv_ragged.tsv": ("parallel", ERROR, ["2: 1 column", "3: 3 columns", "5: an empty target"]),
    "24_tsv_gb18030.tsv": ("parallel", ERROR, ["1: at offset 0", "not valid UTF-8", "iconv -f gb18030"]),
    "25_tsv_utf16le.tsv": ("parallel", ERROR, ["UTF-16", "ff fe"]),
    "26_tsv_big5.tsv": ("parallel", ERROR, ["1: at offset 0", "not valid UTF-8", "iconv -f big5"]),
    "27_tsv_one_bad_byte.tsv": ("parallel", ERROR, ["2: byte 0xe6"]),
    "28_tsv_nul_bytes.tsv": ("parallel", ERROR, ["2: a NUL byte", "3: a NUL byte"]),
    "29_tsv_control_and_separators.tsv": (
        "parallel",
        WARNING,
        ["1: U+2028", "1: U+0085", "2: U+001B ESC", "2: U+0007 BEL", "3: U+200B ZERO WIDTH SPACE", "4: U+000C FF"],
    ),
    "30_tsv_quotes.tsv": ("parallel", ERROR, ["1: 1 column", "3: 1 column"]),
    "31_empty.tsv": ("parallel", ERROR, ["the file is empty"]),
    "32_blank_lines_only.txt": ("clean", WARNING, ["no record"]),
    "33_lemon_token_count_differs.txt": ("lemon", WARNING, ["1: a source of 12 and a reference of 11 characters"]),
    "34_sgml_unclosed_tag.sgml": ("sighan", ERROR, ["13: <PASSAGE>", "17: <CORRECTION>"]),
    "35_sgml_bad_locations.sgml": (
        "sighan",
        ERROR,
        ["X1-0002-1", "location 99", "location 0", "location '五'", "location 1 with"],
    ),
    "36_sgml_bad_mistakes.sgml": (
        "sighan",
        ERROR,
        ["X9-9999-9", "WRONG equal to CORRECTION", "texts of equal length", "'不在'", "X1-0001-1", "second time"],
    ),
    "37_sighan_truth_bad/TestTruth.txt": (
        "sighan",
        ERROR,
        [*(f"P-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 404)), "6: (pid=ID)", "TestInput.txt", "TestTruth.txt"],
    ),
    "38_m2_bad_annotations.m2": (
        "m2",
        ERROR,
        ["1: 'S '", "8: span 3 99", "9: span 3 2", "10: ", "11: ", "12: ", "13: ", "15: an empty sentence"],
    ),
    "39_parallel_mismatch/test_error.txt": ("sighan", ERROR, ["has 4 lines and", "3; expected equal numbers"]),
    "39_parallel_mismatch/refs.para": (
        "mucgec",
        ERROR,
        ["2: no reference", "4: an empty target", "5: 1 column", "the id '1' 2 times, in lines 1, 3"],
    ),
    "40_mixed/mixed_formats.txt": ("mucgec", ERROR, ["2: invalid JSON"]),
    "40_mixed/dir_not_file.jsonl": ("mucgec", ERROR, ["is a directory"]),
    "40_mixed/vocab_bad.txt": (
        "vocabulary",
        ERROR,
        ["no [UNK]", "6: the token '对' again", "line 4", "7: a blank line"],
    ),
}


@pytest.mark.parametrize("recognised", [False, True], ids=["named", "auto"])
@pytest.mark.parametrize("name", FILES)
def test_file(shared_data, capsys, name, recognised):
    data_format, code, expected = FILES[name]
    path = shared_data / "bad" / name
    arguments = ["check", str(path), "--json", "--format", "auto" if recognised else data_format]
    assert cli.main(arguments) == code
    [report] = json.loads(capsys.readouterr().out)["files"]
    problems = report["problems"]["shown"]
    texts = [f"{p['file']}:{p['line']}: {p['record']}: {p['found']}; expected {p['expected']}" for p in problems]
    for words in expected:
        line, words = re.fullmatch(r"(?:(\d+): )?(.*)", words).groups()
        of_line = [t for p, t in zip(problems, texts, strict=True) if line is None or p["line"] == int(line)]
        assert any(words in text for text in of_line), (line, words, texts)
    assert "\x1b" not in json.dumps(report, ensure_ascii=False)
    if name.startswith(("10", "29")):
        assert report["sentences"] == 4
    if name.startswith("11"):
        assert report["sentences"] == 3


def test_the_index_names_no_other_file(shared_data):
    index = (shared_data / "bad" / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    codes = {"error": ERROR, "warn": WARNING, "accept": CLEAN}
    assert len(index) == 40
    for row in index:
        name, _, kind, *_ = row.split("\t")
        assert FILES[name][1] == codes[kind], name
