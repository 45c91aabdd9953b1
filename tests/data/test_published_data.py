"""Published files: every one is read, and its labels rebuild every target. Skipped where the files are not."""

from collections import Counter

import pytest

from gaprelm.data.pairs import aligned_rows, template_rows
from gaprelm.data.readers import read_records, read_valid_records
from gaprelm.data.records import Record
from gaprelm.data.tables import Pair, Sentence
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.errors import GapReLMError

SIMPLIFIED = {"train13": 700, "train14": 3437, "train15": 2339, "test13": 1000, "test14": 1062, "test15": 1100}
FILES = [
    # file, format, sentences, sentences with an error, references; None where broken records change the number
    *((f"sighan_simplified/{name}_error.txt", "sighan", count, None, count) for name, count in SIMPLIFIED.items()),
    ("sighan_simplified/train15.json", "sighan", 2339, 2273, 2339),
    ("sighan_simplified/test15.json", "sighan", 1100, 541, 1100),
    ("sighan/sighan15/SIGHAN15_CSC_A2_Training.sgml", "sighan", 835, None, None),
    ("sighan/sighan15/SIGHAN15_CSC_TestInput.txt", "sighan", 1100, 550, 1100),
    ("sighan/clp14/C1_training.sgml", "sighan", 342, None, None),
    ("sighan/clp14/CLP14_CSC_TestInput.txt", "sighan", 1062, None, None),
    ("sighan/sighan13/Bakeoff2013_SampleSet_WithoutError_10001-10350.txt", "sighan", 350, 0, 350),
    ("sighan/sighan13/FinalTest_SubTask1.txt", "sighan", 1000, 0, 700),
    ("sighan_repaired/clp14/B1_training.sgml", "sighan", 3095, 3094, 3095),
    ("sighan_repaired/sighan15/SIGHAN15_CSC_B2_Training.sgml", "sighan", 1504, None, None),
    ("mucgec/MuCGEC_dev.txt", "mucgec", 1137, 1079, 2464),
    ("mucgec/MuCGEC_test.txt", "mucgec", 6000, 0, 0),
    ("nlpcc18/nlpcc2018_official.ref.m2.char", "m2", 2000, 1983, None),
    *(
        (f"ecspell/{name}", "ecspell", n, wrong, n)
        for name, n, wrong in (("law.train", 1960, 1059), ("med.test", 500, 226))
    ),
    ("ecspell/odw.train", "ecspell", 1720, 997, 1720),
    ("ecspell_relm/train_med.txt", "ecspell", 3000, 1473, 3000),
    ("ecspell_relm/train_odw.txt", "ecspell", 1728, 1000, 1728),
    ("lemon/car.txt", "lemon", 3410, 1742, 3410),
    ("lemon/enc.txt", "lemon", 3434, 1751, 3434),
    ("lemon/new.txt", "lemon", 5892, 2946, 5892),
    ("lemon/mec.txt", "lemon", 2090, 1053, 2090),
]


@pytest.mark.parametrize(("name", "data_format", "sentences", "wrong", "references"), FILES, ids=[f[0] for f in FILES])
def test_file(shared_data, name, data_format, sentences, wrong, references):
    records, _ = read_valid_records(str(shared_data / name), data_format, "skip")
    assert len(records) == sentences
    if wrong is not None:
        assert sum(any(t != r.source for t in r.targets) for r in records) == wrong
    if references is not None:
        assert sum(len(r.targets) for r in records) == references
    rows = [Sentence(r.id, name, r.source, r.targets) for r in records]
    pairs = [Pair(**(row | {"edits": [Edit(**e) for e in row["edits"]]})) for row in aligned_rows(rows)]
    left_out = Counter()
    kept = sum(1 for _ in template_rows(pairs, 3, 128, left_out))  # raises where labels do not rebuild the target
    assert kept + sum(left_out.values()) == len(pairs)
    assert all(apply_edits(pair.source, pair.edits) == pair.target for pair in pairs)


@pytest.mark.parametrize(
    ("name", "data_format", "message"),
    [
        ("01_jsonl_truncated_line.jsonl", "mucgec", ":3"),
        ("02_jsonl_missing_target.jsonl", "mucgec", ':2: found no key "target"'),
        ("03_jsonl_null_target.jsonl", "mucgec", ':2: found "target" is null'),
        ("04_jsonl_wrong_types.jsonl", "mucgec", ':2: found "source" is'),
        ("05_jsonl_line_is_array.jsonl", "mucgec", ":2: found list"),
        ("06_jsonl_python_literals.jsonl", "mucgec", ":1: found no valid JSON"),
        ("13_json_truncated_array.json", "mucgec", "cut off"),
        ("15_json_deep_nesting.json", "mucgec", "nested too deeply"),
        ("17_json_is_gzip.json", "mucgec", "gzip"),
        ("21_tsv_one_column.tsv", "parallel", ":1: found 1 column"),
        ("22_tsv_nine_columns.tsv", "parallel", ":1: found 9 columns"),
        ("23_tsv_ragged.tsv", "parallel", ":2: found 1 column"),
        ("24_tsv_gb18030.tsv", "parallel", ":1: found byte"),
        ("25_tsv_utf16le.tsv", "parallel", "UTF-16"),
        ("27_tsv_one_bad_byte.tsv", "parallel", ":2: found byte"),
        ("28_tsv_nul_bytes.tsv", "parallel", ":2: found a NUL byte"),
        ("31_empty.tsv", "parallel", "the file is empty"),
        ("34_sgml_unclosed_tag.sgml", "sighan", ":13: found <PASSAGE> that is not closed"),
        ("35_sgml_bad_locations.sgml", "sighan", "X1-0002-1"),
        ("36_sgml_bad_mistakes.sgml", "sighan", "X9-9999-9"),
        ("37_sighan_truth_bad/TestInput.txt", "sighan", "TestTruth.txt:"),
        ("38_m2_bad_annotations.m2", "m2", ":1: found"),
        ("39_parallel_mismatch/test_error.txt", "sighan", "has 4 lines"),
        ("40_mixed/dir_not_file.jsonl", "mucgec", "is a directory"),
    ],
)
def test_malformed_file(shared_data, name, data_format, message):
    try:
        text = "\n".join(
            str(item)
            for item in read_records(str(shared_data / "bad" / name), data_format)
            if not isinstance(item, Record)
        )
    except GapReLMError as error:
        text = str(error)
    assert message in text
