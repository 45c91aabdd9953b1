"""What is taken for what: by sound, by shape, by file, by word."""

from collections import Counter

import pytest

from gaprelm.edits.similarity import UNLIKE, dissimilarity
from gaprelm.errors import InputError
from gaprelm.noise.confusion import ShapeConfusions, SoundConfusions, reading_at
from gaprelm.noise.confusion_file import read_confusions
from gaprelm.noise.words import WordConfusions, find_words
from tests.noise.test_corruption import TEXTS, corruptor

SOUNDS = SoundConfusions([*TEXTS, "行航杭形兴重中虫还换海欢"])


def test_confusions_sound_alike_and_are_other_characters():
    same, near = SOUNDS.of("在")
    assert "再" in same
    assert "在" not in same + near
    assert all(dissimilarity("在", character) < UNLIKE for character in same + near)
    assert SOUNDS.of("，") == ([], [])


@pytest.mark.parametrize(
    ("sentence", "place", "reading", "wrong", "never"),
    [
        ("他去银行。", 3, "hang", "杭", "兴"),
        ("不行，再试。", 1, "xing", "兴", "杭"),
        ("还书给他", 0, "huan", "换", "海"),
        ("他还没有来", 1, "hai", "海", "换"),
    ],
)
def test_the_sound_is_that_of_the_sentence(sentence, place, reading, wrong, never):
    assert reading_at(sentence, place) == reading
    same, near = SOUNDS.at(sentence, place)
    assert wrong in same
    assert never not in same + near


def test_characters_are_written_by_mistake_as_often_as_their_weights_say():
    weights = {"在": 1.0, "再": 3.0, "载": 1.0}
    same, _ = SoundConfusions("在再载", weights).of("在")
    assert set(same) == {"再", "载"}
    assert Counter(same.choose((n + 0.5) / 8) for n in range(8)) == {"再": 6, "载": 2}
    alike = ShapeConfusions("请清情", {"请": 1.0, "清": 1.0, "情": 3.0}).of("请")
    assert Counter(alike.choose((n + 0.5) / 8) for n in range(8)) == {"情": 6, "清": 2}


def test_common_characters_are_written_by_mistake_more_often():
    texts = ["在" * 1000 + "再" * 160 + "载" * 10]
    for power, share in ((0.0, 1 / 2), (0.75, 8 / 9), (1.0, 16 / 17)):
        noise = {"mix": {"wrong": 1}, "wrong": {"same_sound": 1}, "frequency_power": power, "max_errors": 1}
        generator = corruptor(texts=texts, **noise)
        written = Counter(generator.corrupt("在", str(number)).source for number in range(3000))
        assert written["再"] / 3000 == pytest.approx(share, abs=0.03)


def test_a_character_without_a_reading_has_no_confusions():
    assert SOUNDS.at("一\U000323a0二", 1) == ([], [])
    assert reading_at("\U000323a0", 0) is None


def test_shapes():
    shapes = ShapeConfusions(["请清情晴说未末己已巳大太我", "计订认讥讨让训议讲许论设访证评识诉词译试诗话"])
    assert set("清情晴") <= set(shapes.of("请"))
    assert shapes.of("未") == ["末"]
    assert shapes.of("己") == ["已", "巳"]
    assert shapes.of("太") == ["大"]
    # 讠 alone makes nothing alike.
    assert shapes.of("说") == []
    assert shapes.of("，") == []


def test_words_are_found_without_a_dictionary():
    words = find_words(TEXTS)
    assert {"权力", "权利", "反应", "反映"} <= set(words)
    assert words["权力"] == 5
    assert "我权" not in words
    confusions = WordConfusions(TEXTS)
    assert confusions.of("权力") == ["权利"]
    assert confusions.choose("反应", 0.999) == "反映"
    assert confusions.of("学校") == ()


def test_a_confusion_file_is_followed(tmp_path):
    path = tmp_path / "confusions.tsv"
    path.write_text("# mine\n在\t再\n的\t地得\n图书\t图树\n", encoding="utf-8")
    generator = corruptor(mix={"wrong": 1}, wrong={"confusions": 1}, confusions=str(path))
    sources = {generator.corrupt("他在图书馆看书。", str(i)).source for i in range(50)}
    # Errors never touch each other, so there is one.
    assert sources == {"他再图书馆看书。", "他在图树馆看书。"}


@pytest.mark.parametrize("text", ['{"在": ["再"], "的": "地得"}', '{"在": {"再": 2}, "的": {"地": 1, "得": 3}}'])
def test_json_confusions(tmp_path, text):
    path = tmp_path / "c.json"
    path.write_text(text, encoding="utf-8")
    confusions = read_confusions(path)
    assert confusions.choose("在", 0.5) == "再"
    assert {confusions.choose("的", chance) for chance in (0.0, 0.99)} == {"地", "得"}
    assert "再" not in confusions


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "在\t再\n的\n", "a.tsv:2: found '的'; expected a text and, after tabs"),
        ("a.tsv", "图书\t图\n", "a.tsv:1: found '图' for '图书'; expected"),
        ("a.tsv", "在\t在\n", "a.tsv:1: found '在' for itself"),
        ("a.tsv", "在\t再\n\xff", "a.tsv:2: found byte 0xff"),
        ("a.tsv", "# nothing\n", "no entry in it"),
        ("a.json", '{"在": ["再"],\n "的": 5}', "a.json:2: found int 5 for '的'"),
        ("a.json", '{"在": {"再": 0}}', "a.json:1: found weight int 0 of '再' for '在'"),
        ("a.json", '{"在": ["再"]\n', "a.json:2: found invalid JSON"),
        ("a.json", "[1]", "a.json:1: found list [1]; expected an object"),
    ],
)
def test_a_bad_confusion_file_is_named_with_its_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8").replace(b"\xc3\xbf", b"\xff"))
    with pytest.raises(InputError) as caught:
        read_confusions(path)
    assert message in str(caught.value)
    assert "cure:" in str(caught.value)
