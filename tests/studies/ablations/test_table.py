"""Means and intervals over seeds."""

import pytest

from gaprelm.studies.ablations.table import ablations_page, interval, markdown_tables, summarize


def run(f):
    point = {"precision": f, "recall": f, "f0.5": f, "f1": f, "f2": f}
    return {
        "parameters": 2_000_000,
        "seconds": {"wall": 100.0, "processor": 150.0},
        "sentences_per_second": 50.0,
        "tests": {"x": {"points": {"f0.5": point, "f1": point, "f2": point}}},
    }


def test_interval_of_three_values():
    # Student's t with 2 degrees of freedom: 4.303 · 0.1 / √3
    assert interval([0.4, 0.5, 0.6]) == {"mean": pytest.approx(0.5), "half_width": pytest.approx(0.2484, abs=1e-4)}
    assert interval([0.4]) == {"mean": 0.4, "half_width": None}


def test_tables_hold_every_variant():
    summary = summarize({"full": [run(0.4), run(0.5), run(0.6)], "tagging": [run(0.1), run(0.1), run(0.1)]})
    text = markdown_tables(summary)
    assert "| full | 0.500 ± 0.248 | 0.500 ± 0.248 |" in text
    assert "| tagging | 0.100 ± 0.000 |" in text
    assert "| full | 100.0 ± 0.0 | 150.0 ± 0.0 | 50.0 ± 0.0 | 2.0 ± 0.0 |" in text
    assert "0.500 ± 0.248" in ablations_page(summary)
