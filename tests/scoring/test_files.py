"""Files of references and hypotheses, M2 files, and the download of resources."""

import hashlib

import pytest

from gaprelm.data.records import ScoredSentence
from gaprelm.data.tables import write_hypotheses
from gaprelm.edits.m2 import read_m2
from gaprelm.edits.tokens import tokens_of
from gaprelm.errors import InputError
from gaprelm.scoring.cherrant import download
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions
from gaprelm.scoring.cherrant.download import character_classes, fetch_resources
from gaprelm.scoring.cherrant.m2_writing import m2_block
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.scoring.cherrant.score import flat_edits
from gaprelm.scoring.cherrant.scored_files import score_files
from gaprelm.scoring.files import check_same_sentences, read_hypotheses, read_references

REFERENCES = "1\t我再家\t我在家\n2\t他好\t没有错误\t他很好\n"


def file(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_three_forms_of_hypotheses(tmp_path):
    for text in ("我在家\n他好\n", "1\t我在家\n2\t他好\n", "1\t我再家\t我在家\n2\t他好\t他好\n"):
        hypotheses = read_hypotheses(file(tmp_path, "hyp.txt", text))
        assert [list(targets) for targets in hypotheses.targets] == [["我在家"], ["他好"]]
        check_same_sentences(read_references(file(tmp_path, "refs.tsv", REFERENCES)), hypotheses)


def test_the_files_of_the_workflow_are_unescaped(tmp_path):
    sentences = [ScoredSentence("a\\b", "我再\t家\n", ["我在\t家\n"])]
    for name, expected in {"t.hyp.tsv": "我在\t家\n", "other.tsv": r"我在\t家\n"}.items():
        write_hypotheses(tmp_path / name, sentences, ["我在\t家\n"])
        assert read_hypotheses(tmp_path / name).targets == [[expected]]
    file = read_hypotheses(tmp_path / "t.hyp.tsv")
    assert (file.ids, file.sources) == (["a\\b"], ["我再\t家\n"])


@pytest.mark.parametrize(
    "text",
    [
        '{"source": "我再家", "target": "我在家", "edits": []}\n\n{"source": "他好", "target": "他好", "edits": []}\n',
        '[{"target": "我在家"},\n {"target": ["他好"]}]',
        '[\n{"target": "我在家"}, {"target": "他好"}]',
        "id\tprediction\n1\t我在家\n2\t他好\n",
        "id\tsource\tprediction\n1\t我再家\t我在家\n2\t他好\t他好\n",
    ],
)
def test_json_and_names_of_columns(tmp_path, text):
    hypotheses = read_hypotheses(file(tmp_path, "hyp.txt", text))
    assert [list(targets) for targets in hypotheses.targets] == [["我在家"], ["他好"]]
    check_same_sentences(read_references(file(tmp_path, "refs.tsv", REFERENCES)), hypotheses)


def test_references_as_json_and_with_names_of_columns(tmp_path, caplog):
    plain = read_references(file(tmp_path, "refs.tsv", REFERENCES))
    headed = read_references(file(tmp_path, "headed.tsv", f"编号\t原文\t参考1\t参考2\n{REFERENCES}"))
    assert (headed.ids, headed.sources, headed.targets) == (plain.ids, plain.sources, plain.targets)
    assert list(headed.lines) == [2, 3]
    assert "headed.tsv:1: the row of column names" in caplog.text
    first = '{"id": 1, "source": "我再家", "target": "我在家"}\n'
    second = '{"id": 2, "source": "他好", "target": ["没有错误", "他很好"]}\n'
    objects = read_references(file(tmp_path, "refs.jsonl", first + second))
    assert (objects.ids, objects.sources, objects.targets) == (plain.ids, plain.sources, plain.targets)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"source": "我"}\n', r"hyp:1: found the keys source; expected an object with \"target\""),
        ('{"target": "我"}\n{"target": null}\n', 'hyp:2: found "target" NoneType None'),
        ('{"target": "我"}\n{"target": "他"\n', "hyp:2: found .*, which is not JSON"),
        ('{"source": 1, "target": "我"}\n', 'hyp:1: found "source" int 1'),
        ('{"target": "\\ud83d"}\n', "hyp:1: found a lone surrogate"),
        ("{\n", "hyp:1: found '{', which is not JSON"),
        ("[]", "hyp: no sentence in it"),
        ("file\tline\tstart\tend\ttype\tsource\ttarget\tconfidence\n", "a table of edits; expected sentences"),
        ("a.txt:1: 我[-再-]{+在+}家\n", "a line of 'gaprelm correct --format diff'; expected sentences"),
    ],
)
def test_what_is_no_sentence_is_not_scored(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_hypotheses(file(tmp_path, "hyp", text))


def test_a_sentence_may_begin_with_a_bracket(tmp_path):
    for text in ("[缺失成分]很好\n", "{他}好\n", "[1]\n"):
        assert read_hypotheses(file(tmp_path, "hyp.txt", text)).targets == [[text.strip()]]


def test_an_empty_line_is_a_hypothesis(tmp_path):
    assert [list(t) for t in read_hypotheses(file(tmp_path, "hyp.txt", "我\n\n他\n")).targets] == [["我"], [""], ["他"]]
    assert [list(t) for t in read_hypotheses(file(tmp_path, "hyp.txt", "1\t我\n2\t\n")).targets] == [["我"], [""]]


@pytest.mark.parametrize(
    ("hypotheses", "message"),
    [
        ("我在家\n", r"hyp.txt has 1 sentences and .*refs.tsv 2: id 2 \(.*refs.tsv:2\) is the first without a partner"),
        ("我在家\n他好\n她\n", r"has 3 sentences .* 2: sentence 3 \(.*hyp.txt:3\) is the first without a partner"),
        ("1\t我在家\n3\t他好\n", r"hyp.txt:2: found id '3'; expected '2', as in .*refs.tsv:2"),
        ("1\t我再家\t我在家\n2\t她好\t她好\n", r"hyp.txt:2: found source '她好'; expected '他好'"),
        ("1\t我在家\n2\n", r"hyp.txt:2: found 1 column in '2'; expected id TAB sentence, as in line 1"),
        ("我在家\n2\t他好\n", r"hyp.txt:2: found 2 columns in .*; expected a sentence without tabs, as in line 1"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, hypotheses, message):
    references = read_references(file(tmp_path, "refs.tsv", REFERENCES))
    with pytest.raises(InputError, match=message):
        check_same_sentences(references, read_hypotheses(file(tmp_path, "hyp.txt", hypotheses)))


def test_a_sentence_without_reference_is_named(tmp_path):
    with pytest.raises(InputError, match=r"refs.tsv:2: found 2 columns in .*; expected id TAB source TAB reference"):
        read_references(file(tmp_path, "refs.tsv", "1\t我\t我\n2\t他好\n"))


def test_m2_is_written_and_read_back(tmp_path):
    sentences = list(Annotator().annotate([("我再家[缺失成分]", ["我在家", "没有错误", "无法标注"]), ("", ["去"])]))
    text = "".join(map(m2_block, sentences))
    assert text == (
        "S 我 再 家 [缺失成分]\nT0-A0 我 在 家\nA 1 2|||S|||在|||REQUIRED|||-NONE-|||0\n"
        "A 3 4|||R|||-NONE-|||REQUIRED|||-NONE-|||0\n"
        "T1 没有错误\nA -1 -1|||noop|||-NONE-|||REQUIRED|||-NONE-|||1\n"
        "T2 无法标注\nA -1 -1|||NA|||-NONE-|||REQUIRED|||-NONE-|||2\n\n"
        "S \nT0-A0 去\nA 0 0|||M|||去|||REQUIRED|||-NONE-|||0\n\n"
    )
    read = list(read_m2(file(tmp_path, "a.m2", text)))
    assert [sentence.edits for sentence in read] == [flat_edits(sentence) for sentence in sentences]
    assert read[0].source == tokens_of("我再家[缺失成分]")
    references = read_references(tmp_path / "a.m2")
    assert references.edits[1] == read[1].edits
    assert len(references[1:]) == 1


M2_CHOICE = "S 我  再 家\nA 1 2|||S|||在||于|||REQUIRED|||-NONE-|||0\n"
M2_EMPTY = "S 他 去 学 学 校\nA 2 3|||R||||||REQUIRED|||-NONE-|||0\n"


@pytest.mark.parametrize(
    ("references", "hypothesis", "counts"),
    [
        (M2_CHOICE, "我在家", (1, 0, 0)),
        (M2_CHOICE, "我于家", (1, 0, 0)),
        (M2_CHOICE, "我住家", (0, 1, 1)),
        (M2_CHOICE, "我再家", (0, 0, 1)),
        (M2_CHOICE.replace("在||于", "于||-NONE-").replace("|S|", "|R|"), "我家", (1, 0, 0)),
        (
            M2_CHOICE.replace("在||于", "甲 | | 乙"),
            "我甲||乙家",
            (1, 0, 0),
        ),  # bars are tokens here, as ChERRANT has them
        (M2_EMPTY, "他去学校", (0, 1, 1)),  # as the official tool counts
    ],
)
@pytest.mark.parametrize("unit", ["cs", "cse", "ds"])
def test_edits_of_m2_with_several_texts_or_none(tmp_path, caplog, references, hypothesis, counts, unit):
    paths = file(tmp_path, "refs.m2", references), [file(tmp_path, "hyp.txt", f"{hypothesis}\n")]
    (score,) = score_files(*paths, ComparisonOptions(unit=unit))
    if unit != "ds":
        assert (score.counts.tp, score.counts.fp, score.counts.fn) == counts
    assert ("refs.m2:1: found 1 edit with an empty text" in caplog.text) == (references is M2_EMPTY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("T0 我\n", ":1: found 'T0 我'; expected a line that starts with 'S '"),
        ("S 我\nA 0 1|||S|||你\n", r":2: found 'A 0 1\|\|\|S\|\|\|你'; expected A START END"),
        (
            "S 我\nA x 1|||S|||你|||REQUIRED|||-NONE-|||0\n",
            ":2: found .*; expected numbers as START, END",
        ),
    ],
)
def test_m2_that_cannot_be_read(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        list(read_m2(file(tmp_path, "bad.m2", text)))


THESAURUS = "Aa01A01= 人 士 人物\nBa02C03# 人 木头\nKd04A01= 者\n"


def test_classes_of_single_characters():
    """The last code of a character counts, its place is that of the first; words are left out."""
    made = character_classes(THESAURUS.encode("gbk"), "cilin.txt").decode()
    assert made == "人\tB\ta\t02\n士\tA\ta\t01\n者\tK\td\t04\n"
    with pytest.raises(InputError, match=r"cilin.txt:1: found 'Aa01'; expected a code and words"):
        character_classes(b"Aa01\n", "cilin.txt")
    with pytest.raises(InputError, match="in GBK"):
        character_classes(b"\xff\xff\xff", "cilin.txt")


def test_resources_from_a_folder(tmp_path, monkeypatch):
    source = tmp_path / "published"
    source.mkdir()
    (source / "cilin.txt").write_bytes(THESAURUS.encode("gbk"))
    (source / "confusion_dict.txt").write_text("己 已 巳\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"cilin.txt: what is made from it has sha256 \w+, expected 9353d0"):
        fetch_resources(tmp_path / "out", str(source))
    assert not (tmp_path / "out").exists()
    contents = (character_classes(THESAURUS.encode("gbk"), ""), "己 已 巳\n".encode())
    sums = {n: hashlib.sha256(c).hexdigest() for n, c in zip(download.SHA256, contents, strict=True)}
    monkeypatch.setattr(download, "SHA256", sums)
    assert [path.name for path in fetch_resources(tmp_path / "out", str(source))] == list(sums)
    assert Resources.from_directory(tmp_path / "out").classes["士"] == ("A", "a", "01")
    with pytest.raises(InputError, match=r"cilin.txt: no such file"):
        fetch_resources(tmp_path / "out", str(tmp_path / "nowhere"))


def test_the_sums_are_those_of_the_published_files(oracles):
    for name, expected in download.SHA256.items():
        assert hashlib.sha256((oracles / "cherrant" / "resources" / name).read_bytes()).hexdigest() == expected
