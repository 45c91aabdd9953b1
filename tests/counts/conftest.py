"""A small counted model."""

import pytest

from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel, CountSettings

TEXTS = [
    "他在图书馆看书。",
    "我们去图书馆学习。",
    "图书馆里有很多书。",
    "我今天去学校上课。",
    "他今天再去一次学校。",
    "请管好自己的东西。",
    "你管不管这件事？",
    "她在家里看电视。",
    "我在学校看书。",
    "请把门关上。",
] * 3
PAIRS = [("他再学校看书。", "他在学校看书。"), ("我天去学校。", "我今天去学校。"), ("他看看书。", "他看书。")]


@pytest.fixture(scope="session")
def model():
    return CountModel.build(TEXTS, ErrorCounts.from_pairs(PAIRS), settings=CountSettings())
