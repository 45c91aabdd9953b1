"""ChERRANT's alignment written down cell by cell, as slow as it is plain: what the fast one must equal."""

from __future__ import annotations

import math


def alignments(source, target, cost, first_only=False):
    """All cheapest paths as lists of (kind, start, end, first, last) from left to right, matches included.

    ``cost(a, b)``: of a substitution. Order: depth first from the end, operations as T, S, I, D.
    """
    n, m = len(source), len(target)
    value = [[0.0] * (m + 1) for _ in range(n + 1)]
    kept = [[[] for _ in range(m + 1)] for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            if i and j and source[i - 1] == target[j - 1]:
                value[i][j], kept[i][j] = value[i - 1][j - 1], [("M", 1)]
            elif i and j:
                span = transposed(source, target, value, i, j)
                options = [
                    (value[i - span][j - span] + (span - 1) if span else math.inf, ("T", span)),
                    (value[i - 1][j - 1] + cost(source[i - 1], target[j - 1]), ("S", 1)),
                    (value[i][j - 1] + 1, ("I", 1)),
                    (value[i - 1][j] + 1, ("D", 1)),
                ]
                value[i][j] = min(price for price, _ in options)
                kept[i][j] = [operation for price, operation in options if price == value[i][j]]
            elif i:
                value[i][j], kept[i][j] = i, [("D", 1)]
            elif j:
                value[i][j], kept[i][j] = j, [("I", 1)]
    first_only = first_only or abs(n - m) > 10
    found = []

    def walk(i, j, later):
        if not i and not j:
            found.append(later)
            return
        for kind, span in kept[i][j][: 1 if first_only else None]:
            start = i if kind == "I" else i - span
            first = j if kind == "D" else j - span
            walk(start, first, [(kind, start, i, first, j), *later])

    walk(n, m, [])
    return found


def transposed(source, target, value, i, j):
    """Tokens of the shortest transposition that ends at (i, j), or 0."""
    k = 1
    while i - 1 - k >= 0 and j - 1 - k >= 0 and value[i - k][j - k] != value[i - k - 1][j - k - 1]:
        if sorted(source[i - k - 1 : i]) == sorted(target[j - k - 1 : j]):
            return k + 1
        k += 1
    return 0
