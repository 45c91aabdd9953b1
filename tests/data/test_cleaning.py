"""Cleaning of training pairs: what goes, what stays, and that it is counted."""

from random import Random

import pytest

from gaprelm.data.cleaning.contamination import HeldOut
from gaprelm.data.cleaning.near_duplicates import near_duplicates
from gaprelm.data.cleaning.pairs import CleaningCounts, CleaningSettings, cleaned
from gaprelm.data.fingerprints import fingerprint, normal_form
from gaprelm.data.records import Sentence
from gaprelm.data.sources import Source
from gaprelm.data.tables import NORMALIZED, iterate_sentences, write_table
from gaprelm.errors import InputError

KEEP_ALL = {
    "drop_duplicates": False,
    "near_duplicates": None,
    "max_changed_share": None,
    "identical_share": 1.0,
    "seed": 1,
}


def sentence(source, *targets):
    return Sentence("1", "a", source, list(targets or (source,)))


def clean(rows, held_out=None, has_pairs=True, **settings):
    counts = CleaningCounts()
    kept = list(cleaned(lambda: rows, CleaningSettings(**(KEEP_ALL | settings)), held_out, has_pairs, counts))
    report = counts.as_dict()
    assert report["sentences"] == len(rows)
    assert report["kept"] + sum(report["left_out"].values()) == len(rows)
    return kept, report


ROWS = [
    sentence("我再家看书。", "我在家看书。"),
    sentence("我再家看书。", "我在家里看书。"),
    sentence("我　再家看书。", "我在家看书。"),
    sentence("天气很冷。"),
    sentence("ＡＢ天气很冷。"),
    sentence("AB天气很冷。"),
]


def test_nothing_goes_where_nothing_is_asked():
    assert clean(ROWS) == (ROWS, {**clean(ROWS)[1], "left_out": {}, "references_left_out": 0})


def test_duplicates_after_nfkc_and_without_blanks():
    kept, report = clean(ROWS, drop_duplicates=True)
    assert kept == [ROWS[0], ROWS[1], ROWS[3], ROWS[4]]
    assert report["left_out"] == {"duplicate": 2}


def test_pairs_whose_characters_alone_are_equal_are_no_duplicates():
    rows = [
        sentence("谢谢谢", "谢谢"),
        sentence("谢谢", "谢谢谢"),
        sentence("他来了来了", "他来了"),
        sentence("他来了", "来了他来了"),
    ]
    assert clean(rows, drop_duplicates=True)[0] == rows


def test_what_makes_no_difference_to_a_fingerprint():
    assert normal_form("　ＡＢ １２，\u200b好\n") == "AB12,好"
    assert fingerprint("Ａ B") == fingerprint("AB")
    assert len({fingerprint(text) for text in ("ab", "AB", "繁體", "繁体", "")}) == 5


@pytest.mark.parametrize(
    ("by", "kept", "held"),
    [
        ("sources", [1, 2, 4], {"dev": 1, "list.txt": 1}),
        ("sentences", [4], {"dev": 3, "list.txt": 1}),
    ],
)
def test_decontamination(tmp_path, by, kept, held):
    """By sources: the first of the two; by sentences also what shares a reference with a held-out pair."""
    rows = [
        sentence("我再家看书。", "我在家看书。"),
        sentence("我在加看书。", "我在家看书。"),
        sentence("我在家看书。"),
        sentence("天气很冷。"),
        sentence("他去学学校。", "他去学校。"),
    ]
    held_out = HeldOut(by)
    write_table(tmp_path / "dev.parquet", [sentence("我 再家看书。", "我在家看书。")._asdict()], NORMALIZED)
    held_out.add_table("dev", tmp_path / "dev.parquet")
    (tmp_path / "list.txt").write_text("天气很冷。\n今天下雨。\n", encoding="utf-8")
    held_out.add_list(Source(str(tmp_path / "list.txt"), "clean"))
    found, report = clean(rows, held_out)
    assert found == [rows[i] for i in kept]
    assert report["left_out_by_held_out_set"] == held
    assert report["left_out"] == {"in a dev or test set or a list": len(rows) - len(kept)}


def test_a_list_that_cannot_be_read_whole_is_refused(tmp_path):
    (tmp_path / "list.tsv").write_text("我再家。\t我在家。\n天气很泠。\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"list\.tsv:2: found 1 column; .*\n  cure: mend the record; what cannot"):
        HeldOut("sources").add_list(Source(str(tmp_path / "list.tsv"), "parallel"))


def test_held_out_sentences_are_simplified_where_the_training_text_is(tmp_path):
    (tmp_path / "list.txt").write_text("我們在這裡學習。\n", encoding="utf-8")
    write_table(tmp_path / "dev.parquet", [sentence("請把門關上。")._asdict()], NORMALIZED)
    rows = [sentence("我们在这里学习。"), sentence("请把门关上。")]
    for simplify, kept in ((True, []), (False, rows)):
        held_out = HeldOut("sources")
        held_out.add_list(Source(str(tmp_path / "list.txt"), "clean"), simplify)
        held_out.add_table("dev", tmp_path / "dev.parquet", simplify)
        assert clean(rows, held_out)[0] == kept


def test_references_that_are_another_text():
    rows = [
        sentence("我再家看书。", "我在家看书。", "今天下雨了，他们没有来。"),
        sentence("好。", "谢谢你来告诉我这件事"),
        sentence("没有标注。")._replace(targets=[]),
    ]
    kept, report = clean(rows, max_changed_share=0.8)
    assert kept == [rows[0]._replace(targets=["我在家看书。"]), rows[2]]
    assert report["references_left_out"] == 2
    assert report["left_out"] == {"reference too different": 1}
    assert clean(rows, max_changed_share=0.8, has_pairs=False)[0] == rows


def test_identical_pairs_are_kept_at_their_share():
    rows = [sentence(f"第{i}句没有错。") for i in range(2000)]
    rows += [sentence(f"第{i}据错。", f"第{i}句错。") for i in range(50)]
    kept, _ = clean(rows, identical_share=0.3)
    identical = [row for row in kept if row.targets == [row.source]]
    assert len(kept) - len(identical) == 50
    assert abs(len(identical) / 2000 - 0.3) < 0.04
    assert kept == clean(rows, identical_share=0.3)[0]
    assert kept != clean(rows, identical_share=0.3, seed=2)[0]
    assert not [row for row in clean(rows, identical_share=0.0)[0] if row.targets == [row.source]]
    # Sentences that get their errors later are all identical now.
    assert clean(rows, has_pairs=False, identical_share=0.0)[0] == rows


def random_texts(count, seed):
    random = Random(seed)
    characters = [chr(point) for point in range(0x4E00, 0x4F00)]
    return ["".join(random.choices(characters, k=random.randint(15, 60))) for _ in range(count)]


def test_near_duplicates():
    """Nine of ten characters equal: found; unrelated or half equal: not. The first of a group stays."""
    random = Random(3)
    texts = random_texts(400, 1)
    near, half = [], []
    for text in texts[:200]:
        places = set(random.sample(range(len(text)), max(1, len(text) // 12)))
        near.append("".join("误" if i in places else c for i, c in enumerate(text)))
        half.append(text[: len(text) // 2] + "".join(random.choices("甲乙丙丁戊己庚辛", k=len(text) // 2)))
    rows = [*texts, *near, *half]
    dropped = near_duplicates(lambda: iter(rows), 0.9)
    assert not dropped[:400].any()
    assert dropped[400:600].sum() >= 196
    assert not dropped[600:].any()
    assert (near_duplicates(lambda: iter(rows), 0.9) == dropped).all()


def test_near_duplicates_in_large_groups_and_of_short_texts():
    assert near_duplicates(lambda: iter(()), 0.9).tolist() == []
    assert near_duplicates(lambda: iter(["", "", "我", "我", "你"]), 0.9).tolist() == [False, True, False, True, False]
    rows = [f"今天是第{i:04d}次在图书馆看书，天气和昨天一样好，我们都很高兴。" for i in range(3000)]
    dropped = near_duplicates(lambda: iter(rows), 0.85)
    assert not dropped[0]
    assert dropped.sum() > 2800


def test_steps_together_count_each_sentence_once():
    rows = [*ROWS, sentence("我再家看书了。", "我在家看书了。"), sentence("好", "另外一个很长的句子")]
    kept, report = clean(rows, drop_duplicates=True, near_duplicates=0.8, max_changed_share=0.8)
    assert report["left_out"] == {"duplicate": 2, "near duplicate": 2, "reference too different": 1}
    assert kept == [rows[0], rows[3], rows[4]]


def test_likeness_to_a_sentence_that_goes_itself_is_no_reason(tmp_path):
    """The first is held out, the third too different: their near duplicates are the only ones that are left."""
    rows = [
        sentence("我今天再家里看了一本很好的书。", "我今天在家里看了一本很好的书。"),
        sentence("我今天再家里看了两本很好的书。", "我今天在家里看了两本很好的书。"),
        sentence("好吧。", "这是完全不一样的另外一个很长的句子，谁也不知道为什么在这里。"),
        sentence("这是完全不一样的另外一个很长的句子，谁也不知道为什么在这里。"),
    ]
    write_table(tmp_path / "dev.parquet", [rows[0]._asdict()], NORMALIZED)
    held_out = HeldOut("sources")
    held_out.add_table("dev", tmp_path / "dev.parquet")
    assert clean(rows[:2], near_duplicates=0.8)[0] == rows[:1]
    kept, report = clean(rows, held_out, near_duplicates=0.4, max_changed_share=0.8)
    assert kept == [rows[1], rows[3]]
    assert report["left_out"] == {"in a dev or test set or a list": 1, "reference too different": 1}
    assert report["left_out_by_held_out_set"] == {"dev": 1}


def test_tables_are_written_and_read_in_batches(tmp_path):
    rows = [sentence(f"第{i}句。") for i in range(20_000)]
    write_table(tmp_path / "a.parquet", (row._asdict() for row in rows), NORMALIZED)
    assert list(iterate_sentences(tmp_path / "a.parquet")) == rows
