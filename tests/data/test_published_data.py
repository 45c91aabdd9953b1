"""Published files: every one is recognised and read, counts as published. Skipped where the files are not."""

import hashlib
import lzma
from collections import Counter
from itertools import islice

import pytest

from gaprelm.data.checking.overlap import TestSet
from gaprelm.data.checking.report import CheckSettings, check_file
from gaprelm.data.cleaning.contamination import HeldOut
from gaprelm.data.cleaning.pairs import CleaningCounts, CleaningSettings, cleaned
from gaprelm.data.pairs import aligned_rows, template_rows
from gaprelm.data.published import PUBLISHED
from gaprelm.data.readers import read_records, valid_records
from gaprelm.data.readers.recognition import recognise
from gaprelm.data.records import Pair, Record, Sentence
from gaprelm.data.sources import Source
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.label_rules import LabelRules

# file: format, sentences, with an error, references. The published counts, less the sentences of which a mistake cannot
# be placed or a byte is broken: these have no reference here.
FILES = {
    "sighan/sighan15/SIGHAN15_CSC_A2_Training.sgml": ("sighan", 835, 834 - 3, 835 - 4),
    "sighan/sighan15/SIGHAN15_CSC_B2_Training.sgml": ("sighan", 1504, 1495 - 9, 1504 - 15),
    "sighan/sighan15/SIGHAN15_CSC_TestInput.txt": ("sighan", 1100, 550, 1100),
    "sighan/clp14/B1_training.sgml": ("sighan", 3095, 3088 - 2, 3095 - 7),
    "sighan/clp14/C1_training.sgml": ("sighan", 342, 340, 342 - 1),
    "sighan/clp14/CLP14_CSC_TestInput.txt": ("sighan", 1062, 529, 1062),
    "sighan/sighan13/Bakeoff2013_SampleSet_WithError_00001-00350.txt": ("sighan", 350, 349 - 1, 350 - 2),
    "sighan/sighan13/Bakeoff2013_SampleSet_WithoutError_10001-10350.txt": ("sighan", 350, 0, 350),
    # Places of the mistakes only: no reference for the 300 sentences with one.
    "sighan/sighan13/FinalTest_SubTask1.txt": ("sighan", 1000, 0, 700),
    "sighan/sighan13/FinalTest_SubTask2.txt": ("sighan", 1000, 996 - 2, 1000 - 2),
    "sighan_repaired/sighan15/SIGHAN15_CSC_A2_Training.sgml": ("sighan", 835, 834 - 2, 835 - 3),
    "sighan_repaired/sighan15/SIGHAN15_CSC_B2_Training.sgml": ("sighan", 1504, 1500 - 7, 1504 - 11),
    "sighan_repaired/sighan15/SIGHAN15_CSC_TestInput.txt": ("sighan", 1100, 550, 1100),
    "sighan_repaired/clp14/B1_training.sgml": ("sighan", 3095, 3094, 3095),
    "sighan_repaired/clp14/C1_training.sgml": ("sighan", 342, 342, 342),
    "sighan/clp14/CLP14_CSC_TestInput.txt+sighan_repaired/clp14/CLP14_CSC_TestTruth.txt": ("sighan", 1062, 529, 1062),
    "sighan_repaired/sighan13/Bakeoff2013_SampleSet_WithError_00001-00350.txt": ("sighan", 350, 349, 350 - 1),
    "sighan_repaired/sighan13/FinalTest_SubTask2.txt": ("sighan", 1000, 996, 1000),
    "sighan_simplified/train13_error.txt": ("sighan", 700, 340, 700),
    "sighan_simplified/train14_error.txt": ("sighan", 3437, 3358, 3437),
    "sighan_simplified/train15_error.txt": ("sighan", 2339, 2273, 2339),
    "sighan_simplified/test13_error.txt": ("sighan", 1000, 971, 1000),
    "sighan_simplified/test14_error.txt": ("sighan", 1062, 520, 1062),
    "sighan_simplified/test15_error.txt": ("sighan", 1100, 541, 1100),
    "sighan_simplified/train15.json": ("sighan", 2339, 2273, 2339),
    "sighan_simplified/test13.json": ("sighan", 1000, 971, 1000),
    "sighan_simplified/test14.json": ("sighan", 1062, 520, 1062),
    "sighan_simplified/test15.json": ("sighan", 1100, 541, 1100),
    "mucgec/MuCGEC_dev.txt": ("mucgec", 1137, 1079, 2464),
    "mucgec/MuCGEC_test.txt": ("mucgec", 6000, 0, 0),
    "mucgec/filter_sentences.txt": ("clean", 7137, 0, 7137),
    # 2,287 T lines, 28 of them a second alignment of the same reference.
    "nlpcc18/nlpcc2018_official.ref.m2.char": ("m2", 2000, 1983, 2287 - 28),
    "ecspell/law.train": ("ecspell", 1960, 1059, 1960),
    "ecspell/law.test": ("ecspell", 500, 255, 500),
    "ecspell/med.train": ("ecspell", 3000, 1473, 3000),
    "ecspell/med.test": ("ecspell", 500, 226, 500),
    "ecspell/odw.train": ("ecspell", 1720, 997, 1720),
    "ecspell/odw.test": ("ecspell", 500, 262, 500),
    "ecspell_relm/train_law.txt": ("lemon", 1960, 1059, 1960),
    "ecspell_relm/test_law.txt": ("lemon", 500, 255, 500),
    "ecspell_relm/train_med.txt": ("lemon", 3000, 1473, 3000),
    "ecspell_relm/test_med.txt": ("lemon", 500, 226, 500),
    "ecspell_relm/train_odw.txt": ("lemon", 1728, 1000, 1728),
    "ecspell_relm/test_odw.txt": ("lemon", 500, 266, 500),
    "lemon/car.txt": ("lemon", 3410, 1742, 3410),
    "lemon/enc.txt": ("lemon", 3434, 1751, 3434),
    "lemon/new.txt": ("lemon", 5892, 2946, 5892),
    "lemon/mec.txt": ("lemon", 2090, 1053, 2090),
    "excgec/train_only_gec.json": ("excgec", 5966, 5966, 5966),
    # Pairs of learners and others; how many have an error is not published.
    "pairs/cged/cged2014_train.tsv": ("mucgec", 4874, 4874, 4874),
    "pairs/cged/cged2015_train.tsv": ("mucgec", 2111, 2111, 2111),
    "pairs/cged/cged2016_hsk_train.tsv": ("mucgec", 9442, 9442 - 20, 9442),
    "pairs/cged/cged2016_tocfl_train.tsv": ("mucgec", 8354, 8354 - 1, 8354),
    "pairs/cged/cged2018_train.tsv": ("mucgec", 391, 391, 391),
    "pairs/other/pycorrector_grammar.tsv": ("mucgec", 990, 990 - 20, 990),
    "pairs/other/asr_csc_fushengwuyu.tsv": ("mucgec", 4583, 4583 - 1, 4583),
}
# Sentences, a line each, of text without annotation.
CLEAN_TEXT = {
    "wiki_cmrc2018": 10317,
    "wiki_ud_gsdsimp": 892,
    "wiki_xquad_zh": 1013,
    "wiki_drcd_traditional": 18794,
    "story_cmrc2019": 13689,
    "story_cft_cmrc2017": 29743,
    "dialogue_kdconv": 15620,
    "law_lawrefbook": 41319,
    "tech_lctt": 172380,
    "research_use/headlines_tnews": 46670,
    "research_use/abstracts_csl": 1094,
    "research_use/news_msra_pd": 9738,
    "research_use/gov_ocnli_premises": 1247,
    "wiki_commonvoice": 40238,
    "wiki_extracts": 12293,
    "wiki_expmrc": 20055,
    "lit_modern_pd": 364894,
    "lit_classic_pd": 187026,
    "bible_cuv": 29820,
    "story_asp": 948,
    "daily_tatoeba": 18791,
    "dialogue_crosswoz": 13157,
    "news_xwlb": 177327,
    "news_finre": 2636,
    "gov_workreports": 11760,
    "law_lawrefbook_more": 73219,
    "law_local": 140948,
    "essay_blog_open": 40426,
    "tech_lctt_more": 7825,
    "tech_docs_open": 73781,
    "tech_manuals_open": 12659,
    "research_use/lit_essays": 36700,
    "research_use/news_wmt": 10225,
    "research_use/cars_driving": 4823,
    "research_use/exam_c3": 53337,
    "research_use/news_rmrb1998": 35431,
    "research_use/essay_blogs": 159972,
    "research_use/blogs_tech": 46124,
    "research_use/essay_cosx": 27235,
    "research_use/weekly_ruanyf": 41241,
    "research_use/quotes_hitokoto": 7457,
    "research_use/med_cmeee": 6032,
    "research_use/more_abstracts_csl": 27384,
    "research_use/tech_goldminer": 104511,
}
# Of a text, as many sentences go through the reader; its lines are counted.
MOST_READ = 20_000
SETTINGS = CheckSettings(max_insert_num=3, max_seq_length=64, max_changed_share=0.8, shown=50)


def where(folder, name):
    """The path of a file, of a pair of files ``A+B`` too; the test is skipped where one is not there."""
    paths = [folder / part for part in name.split("+")]
    for path in paths:
        if not path.is_file():
            pytest.skip(f"{path} is not here")
    return "+".join(map(str, paths))


@pytest.mark.parametrize("name", FILES)
def test_file(shared_data, name):
    data_format, sentences, wrong, references = FILES[name]
    path = where(shared_data, name)
    assert recognise(path).format == data_format
    records = list(valid_records(path, "auto", "skip", []))
    assert len(records) == sentences
    assert sum(any(target != r.source for target in r.targets) for r in records) == wrong
    assert sum(len(r.targets) for r in records) == references
    rows = [Sentence(r.id, name, r.source, r.targets) for r in records]
    pairs = [Pair(**(row | {"edits": [Edit(**e) for e in row["edits"]]})) for row in aligned_rows(rows)]
    left_out = Counter()
    # Raises where labels do not rebuild the target.
    kept = sum(1 for _ in template_rows(pairs, LabelRules(3, 128), left_out))
    assert kept + sum(left_out.values()) == len(pairs)
    assert all(apply_edits(pair.source, pair.edits) == pair.target for pair in pairs)


@pytest.mark.parametrize("name", CLEAN_TEXT)
def test_clean_text(shared_data, name):
    path = where(shared_data, f"mono/{name}.txt.xz")
    assert recognise(path).format == "clean"
    with lzma.open(path) as file:
        assert sum(1 for _ in file) == CLEAN_TEXT[name]
    read = list(islice(read_records(path, "clean"), MOST_READ))
    assert len(read) == min(CLEAN_TEXT[name], MOST_READ)
    assert all(isinstance(item, Record) for item in read)


def test_no_published_file_is_left_out(shared_data):
    """Every file of the folder is in a table above, is a partner of one that is, or is no data."""
    known = {part for name in FILES for part in name.split("+")} | {f"mono/{name}.txt.xz" for name in CLEAN_TEXT}
    partners = ("_correct.txt", "Truth.txt", "README", "README.md", "vocab.txt", ".gitattributes")
    found = {path.relative_to(shared_data).as_posix() for path in shared_data.rglob("*") if path.is_file()}
    missing = {name for name in found - known if not name.startswith("bad/") and not name.endswith(partners)}
    assert missing == set()


def test_vocabulary(shared_data):
    report = check_file(str(shared_data / "vocab" / "vocab.txt"), "auto", SETTINGS)
    assert (report.format, report.tokens, report.findings.status) == ("vocabulary", 21128, "clean")


def test_sums_of_the_catalogue(shared_data):
    """The pinned sums are those of the published files."""
    by_sum = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path
        for path in shared_data.rglob("*")
        if path.is_file() and path.relative_to(shared_data).parts[0] != "bad"
    }
    for name, download in PUBLISHED.items():
        path = by_sum[download.sha256]
        assert path.name == download.url.rpartition("/")[2]
        assert path.name.endswith(name.partition("_")[2]) or path.name == name
        main = path.with_name(path.name.replace("_correct", "_error"))
        assert recognise(str(main)).format == download.format


def test_overlap_of_published_sets(shared_data):
    """1,714 records of EXCGEC are known to be in MuCGEC's filter list, 2 more are but for zero-width characters; and 65
    law test sources in train."""
    tests = [TestSet(str(shared_data / "mucgec" / "filter_sentences.txt"))]
    report = check_file(str(shared_data / "excgec" / "train_only_gec.json"), "auto", SETTINGS, tests)
    assert report.as_dict()["overlap"][0]["sources"] == 1714 + 2
    # The other way round: so many different test sources.
    tests = [TestSet(str(shared_data / "ecspell" / "law.train"))]
    report = check_file(str(shared_data / "ecspell" / "law.test"), "auto", SETTINGS, tests)
    assert report.as_dict()["overlap"][0]["sources"] == 65


def test_what_cleaning_takes_from_published_sets(shared_data):
    """The figures of docs/use/formats.md: by sources 100 of law train, by sentences 983 more; none of MuCGEC."""
    for by, expected in (("sources", 100), ("sentences", 1083)):
        held_out = HeldOut(by)
        held_out.add_list(Source(str(shared_data / "ecspell" / "law.test"), "ecspell"))
        assert sum(bool(held_out.holds(row)) for row in sentences(shared_data / "ecspell" / "law.train")) == expected
    rows = sentences(shared_data / "mucgec" / "MuCGEC_dev.txt")
    settings = CleaningSettings(True, None, 0.8, 1.0, 1)
    counts = CleaningCounts()
    assert sum(len(row.targets) for row in cleaned(lambda: rows, settings, None, True, counts)) == 2464
    held_out = HeldOut("sources")
    held_out.add_list(Source(str(shared_data / "mucgec" / "filter_sentences.txt"), "clean"))
    rows = sentences(shared_data / "excgec" / "train_only_gec.json")
    list(cleaned(lambda: rows, settings, held_out, True, counts := CleaningCounts()))
    assert counts.held_out == {"filter_sentences.txt": 1714 + 2}


def sentences(path):
    return [Sentence(r.id, path.name, r.source, r.targets) for r in valid_records(str(path), "auto", "skip", [])]
