"""Names of people, places and organisations, found by a tagger: edits that would change them are not made.

The tagger (``rjieba``, of the extra ``names``) knows many names from its dictionary, and guesses others from their
characters. In text with errors it also takes misspelt words for names (考卢 for 考虑). Such a guess holds only as long
as the edit does not make a word of the dictionary of it. The rules were chosen by measuring; docs/use/using.md has the
figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gaprelm.characters import HAN, class_of
from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import ProposedEdit
from gaprelm.terms import without_surrogates

# The tagger's: people (nrt: in transcription, nrfg: well known), places, organisations.
_NAME_TAGS = frozenset(("nr", "nrt", "nrfg", "ns", "nt"))
_PERSON_TAGS = frozenset(("nr", "nrfg"))
# First letters of the tags that a given name can have by chance: no verbs, pronouns, particles, numbers.
_GIVEN_NAME_TAGS = "abgijntz"
# The most common ones, without those that often stand alone as another word, such as 高, 马 and 于.
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪"
    "田任姜范方石姚谭廖邹熊陆郝孔崔康毛邱秦江史顾侯邵孟龙段雷钱汤尹黎易武贺赖龚文"
)
# An unknown word before one of these is part of its name.
_KINDS = frozenset(("公司", "集团", "社区", "街道", "大学", "中学", "小学", "医院", "学院", *"村镇乡县市区路街"))
# With one of these (two characters each) after it, a surname is the whole name.
_TITLES = frozenset(
    re.findall(
        "..",
        "先生女士小姐太太老师同学同志教授医生大夫护士律师博士师傅老板经理主任校长院长部长市长书记主席总理总统叔叔阿姨爷爷奶奶大哥大姐",
    )
)
_DOT = "·"  # between the parts of a foreign name
# Characters that write the sounds of foreign names; the tagger cuts such names into pieces.
_SOUNDS = (
    "阿埃艾安昂奥巴白拜班邦保鲍贝本比彼毕宾波伯博布查茨达戴丹道德登迪蒂丁杜顿多厄恩尔法范菲费芬丰弗福夫盖甘冈戈格葛古圭哈海汉豪赫亨胡华霍基吉加贾杰金卡凯坎康考柯科克肯库夸拉莱赖兰朗劳勒雷里利莉列林卢鲁伦罗洛马麦迈曼"
    "芒梅门蒙米密缅明摩莫默姆穆纳娜南内尼涅妮宁纽努诺欧帕潘庞培佩彭皮平珀普奇齐恰乔切琼丘热荣儒瑞若萨塞桑森莎山沙尚舍申圣施什史舒斯丝思松苏索塔泰坦汤唐特提廷图托陀瓦旺威韦维魏温翁沃乌武西希锡夏谢辛欣休许雅亚扬耶叶伊"
    "英尤约扎宰泽詹珍朱卓兹佐"
)
_DOTTED = re.compile(f"(?:[{_SOUNDS}]{{1,8}}{_DOT})+[{_SOUNDS}]{{,8}}|{_DOT}[{_SOUNDS}]{{1,8}}")
_AROUND = 10  # characters on each side of an edit in which a new word is looked for


class Name(NamedTuple):
    """Where a name stands (``end`` is exclusive), and whether the dictionary has it or the tagger guessed it."""

    start: int
    end: int
    known: bool


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    tag: str
    known: bool


def names_in(text: str) -> list[Name]:
    """The names of a text; they may overlap.

    Raises:
        ModuleNotFoundError: the extra ``names`` is not installed.
    """
    words = [_Word(0, 0, "", "", True), *_words(text, guess=True), _Word(len(text), len(text), "", "", True)]
    triples = zip(words, words[1:], words[2:], strict=False)
    names = [name for before, word, after in triples if (name := _name(before, word, after))]
    return names + [Name(*match.span(), known=True) for match in _DOTTED.finditer(text)]


def without_changed_names(text: str, proposals: Sequence[ProposedEdit]) -> list[ProposedEdit]:
    """The proposals without those that change a name, each judged by itself.

    Args:
        text: the text that the proposals change.
        proposals: in ascending order.
    """
    names = names_in(text) if proposals else []
    return [p for p in proposals if not any(_changes(text, p.edit, name) for name in names)]


def _words(text: str, guess: bool) -> Iterator[_Word]:
    """The words of a text; with ``guess`` also such as the dictionary does not know."""
    import rjieba  # it comes with an extra, and takes 0.2 s

    start = 0
    for word, tag in rjieba.tag(without_surrogates(text), hmm=guess):
        yield _Word(start, start + len(word), word, tag, rjieba.has_word(word))
        start += len(word)


def _name(before: _Word, word: _Word, after: _Word) -> Name | None:
    """The name that begins with a word, if one does."""
    if _DOT in (before.text, after.text) and _is_han(word.text):
        return Name(word.start, word.end, True)
    surname = word.text[:1] in _SURNAMES
    if len(word.text) == 1:
        whole = surname and len(after.text) == 2 and _is_given(after)
        return Name(word.start, after.end, False) if whole else None
    if word.known:
        return Name(word.start, word.end, True) if word.tag in _NAME_TAGS else None
    person = word.tag in _PERSON_TAGS or (surname and len(word.text) <= 3)
    if not _is_han(word.text) or not (person or after.text in _KINDS):
        return None
    # The tagger often ends a name too early: 易炼 and 红.
    longer = surname and len(word.text) == 2 and len(after.text) == 1 and _is_given(after)
    return Name(word.start, after.end if longer else word.end, False)


def _is_given(word: _Word) -> bool:
    return _is_han(word.text) and word.tag[0] in _GIVEN_NAME_TAGS and word.text not in _TITLES


def _changes(text: str, edit: Edit, name: Name) -> bool:
    inside = name.start <= edit.start < name.end if edit.start < edit.end else name.start < edit.start < name.end
    return inside and not _makes_a_word(text, edit, name)


def _makes_a_word(text: str, edit: Edit, name: Name) -> bool:
    """Whether an edit inside a name makes a word of the dictionary, so that there was no name but a misspelt word.

    The word must take in the beginning of the name: 杨色 → 颜色, but not 杨晓超作 → 操作. Of a name that the dictionary
    knows it must take in all, and be longer: 关西 in 没关西 → 没关系. A person's name is no such word. A title only
    needs the surname before it: 王先升 → 王先生.
    """
    first = max(edit.start - _AROUND, 0)
    before, after = text[first : edit.start], text[edit.end : edit.end + _AROUND]
    longer = len(edit.text) - (edit.end - edit.start)
    place = len(before)
    for word in _words(before + edit.text + after, guess=False):
        # After a deletion the word must stand on both sides of the place.
        if (word.start <= place if edit.text else word.start < place) and place < word.end:
            if word.text in _TITLES and first + word.start == name.start + 1:
                return True
            covers = first + word.start <= name.start
            if name.known:
                covers &= first + word.end - longer >= name.end and len(word.text) > name.end - name.start
            return covers and len(word.text) > 1 and not word.tag.startswith("nr")
    return False


def _is_han(text: str) -> bool:
    return all(class_of(character) == HAN for character in text)
