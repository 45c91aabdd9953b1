"""Rows of column names, with which some tables begin. They are no sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORDS = """
id ids pid nid sid index no number count num errors error source src input original orig wrong incorrect raw
target tgt trg output reference references ref refs correct corrected correction corrections right gold answer
hypothesis hypotheses hyp prediction predictions predicted pred result text texts sentence sent label labels
file line start end type confidence
编号 序号 错误数 原句 原文 源句 源文本 错句 病句 错误 错误句子 错误文本 输入 句子 文本 目标 目标句 目标文本 改正 修改
修改后 纠正 纠正后 正确 正句 正确句子 正确文本 参考 参考答案 答案 输出 标注 編號 序號 錯誤 輸入 參考 正確 輸出
修改後 標註
"""
_NAMES = frozenset(_WORDS.split())
# What may stand beside a name: target_1, source text, "Reference 2".
_PARTS = re.compile(r"[\s_.\-]+|\d+")


def is_header(fields: Sequence[str]) -> bool:
    """Whether the first row of a table holds names of columns: two or more, each known, no two of them equal.

    Empty columns at the end, which spreadsheets add, do not count.
    """
    names = [field.strip().strip("\"'#").casefold() for field in fields]
    while names and not names[-1]:
        names.pop()
    return len(names) > 1 and len(set(names)) == len(names) and all(map(_is_name, names))


def _is_name(text: str) -> bool:
    parts = [part for part in _PARTS.split(text) if part]
    return bool(parts) and _NAMES.issuperset(parts)
