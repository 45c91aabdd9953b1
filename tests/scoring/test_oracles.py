"""Equal to the official tools, number for number, on all that they were recorded with. Skipped where that is not."""

from __future__ import annotations

import itertools
import json
import re
import shlex

from gaprelm.edits.m2 import read_m2
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions, by_category, compare
from gaprelm.scoring.cherrant.m2_writing import m2_block
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.scoring.counts import Counts, sum_by_type
from gaprelm.scoring.files import read_references
from gaprelm.scoring.spelling.sighan import sighan_2015
from gaprelm.scoring.spelling.sighan_files import paired, read_corrections

FORMS = {".m2": {}, ".first.m2": {"first_only": True}, ".nosimp.m2": {"keep_traditional": True}}


def test_every_m2_file_is_written_byte_for_byte(oracles):
    resources = Resources.from_directory(oracles / "cherrant" / "resources")
    compared = 0
    for expected in sorted((oracles / "cherrant").glob("*/*.m2")):
        suffix = next(s for s in (".first.m2", ".nosimp.m2", ".m2") if expected.name.endswith(s))
        table = expected.with_name(expected.name.removesuffix(suffix) + ".tsv")
        if not table.is_file():
            continue  # written by hand, for the comparison only
        file = read_references(table)
        sentences = Annotator(resources, **FORMS[suffix]).annotate(zip(file.sources, file.targets, strict=True))
        assert "".join(map(m2_block, sentences)) == expected.read_text(encoding="utf-8"), expected
        compared += 1
    assert compared >= 10


UNITS = ("-ds", "-dt", "-cse")
SIZES = ("-single", "-multi")
NUMBERS = {"-b": ("beta", float), "--max_answer_num": ("max_annotators", int), "--reference_num": ("references", int)}


def parsed(text):
    """Options of the official tool as ours, and the level of its table of types."""
    words, options, level = shlex.split(text), {}, None
    while words:
        word = words.pop(0)
        if word in NUMBERS:
            name, kind = NUMBERS[word]
            options[name] = kind(words.pop(0))
        elif word == "-cat":
            level = int(words.pop(0))
        elif word == "-filt":
            options["left_out"] = frozenset(itertools.takewhile(lambda w: not w.startswith("-"), words))
            words = words[len(options["left_out"]) :]
        elif word in UNITS:
            options["unit"] = word[1:]
        elif word in SIZES:
            options["size"] = word[1:]
        else:
            assert word == "(default)"
    return ComparisonOptions(**options), level


def numbers(counts, beta):
    rates = (round(value, 4) for value in (counts.precision, counts.recall, counts.f(beta)))
    return dict(zip(("TP", "FP", "FN", "P", "R", "F"), (counts.tp, counts.fp, counts.fn, *rates), strict=True))


def sides(expected):
    """The hypothesis and the reference M2 file of a recorded comparison."""
    name, folder = expected.name.removesuffix(".compare.json"), expected.parent
    if (folder / "hyp.m2").is_file():
        return folder / "hyp.m2", folder / "ref.m2"
    if (folder / f"{name}.hyp.m2.char").is_file():
        return folder / f"{name}.hyp.m2.char", folder / f"{name}.ref.m2.char"
    form = "".join(part for part in (".first", ".nosimp") if part in name)
    return folder / f"{name}.m2", folder / f"refs{form}.m2"


def edits(path):
    return [sentence.edits for sentence in read_m2(path)]


def test_every_comparison_under_every_option(oracles):
    compared = 0
    for expected in sorted((oracles / "cherrant").glob("*/*.compare.json")):
        hypotheses, references = map(edits, sides(expected))
        for text, official in json.loads(expected.read_text(encoding="utf-8")).items():
            options, level = parsed(text)
            chosen = compare(hypotheses, references, options)
            total = sum((sentence.counts for sentence in chosen), Counts())
            recorded = {key: official[key] for key in ("TP", "FP", "FN", "P", "R", "F")}
            assert numbers(total, options.beta) == recorded, (expected.name, text)
            if level:
                types = by_category(sum_by_type(sentence.by_type for sentence in chosen), level)
                found = {name: numbers(counts, options.beta) for name, counts in types.items() if counts != Counts()}
                assert found == official["by_type"], (expected.name, text)
            compared += 1
    assert compared >= 100


def test_the_choice_of_every_sentence(oracles):
    compared = 0
    for expected in sorted((oracles / "cherrant").glob("*/*.per_sentence*.json")):
        option = expected.stem.partition(".per_sentence")[2].removeprefix(".")
        options = {"b_2": {"beta": 2.0}, "": {}}.get(option, {"unit": option})
        name = expected.with_name(expected.name.partition(".per_sentence")[0] + ".compare.json")
        hypotheses, references = map(edits, sides(name))
        chosen = compare(hypotheses, references, ComparisonOptions(**options))
        for official in json.loads(expected.read_text(encoding="utf-8")):
            sentence = chosen[official["i"]]
            found = (*(getattr(sentence.counts, key) for key in ("tp", "fp", "fn")),)
            assert found == (official["tp"], official["fp"], official["fn"]), (expected.name, official["i"])
            assert (sentence.hypothesis, sentence.reference) == (official["hyp"], official["ref"])
            compared += 1
    assert compared >= 500


RATES = {"Accuracy": "accuracy", "Precision": "precision", "Recall": "recall", "F1-Score": "f1"}


def reported(text):
    """The numbers of an official report, NaN as None."""
    scores, level = {"detection": {}, "correction": {}}, ""
    for line in text.split("Part 2")[0].splitlines():
        level = next((name for name in scores if line.lower().startswith(name)), level)
        found = re.match(r"\s*(False Positive Rate|Accuracy|Precision|Recall|F1-Score) = (\S+)", line)
        if found:
            value = None if found[2] == "NaN" else float(found[2])
            if found[1] in RATES:
                scores[level][RATES[found[1]]] = value
            else:
                scores["false_positive_rate"] = value
    return scores


def test_sighan_reports(oracles):
    compared = 0
    for report in sorted((oracles / "sighan").glob("*/*.report.txt")):
        stem = report.name.removesuffix(".report.txt")
        truth = report.with_name(f"{stem.split('.')[0]}.truth.txt")
        result = report.with_name(f"{stem}.result.txt")
        score = sighan_2015(*paired(truth, read_corrections(truth), result, read_corrections(result))).as_dict()
        official = reported(report.read_text(encoding="utf-8"))
        assert {key: score[key] for key in official} == official, report
        compared += 1
    assert compared >= 3
