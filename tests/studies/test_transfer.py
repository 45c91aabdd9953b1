"""Transfer: runs of both kinds are scored on files of any format."""

from pathlib import Path

from gaprelm.studies.baselines import GECTOR
from gaprelm.studies.transfer import SENTENCES as MOST
from gaprelm.studies.transfer import main, sentences_of
from tests.studies.conftest import SPELLING


def test_a_line_for_each_run_and_file(tmp_path, save_gap_relm, save_tagger, write_aligned, capsys):
    save_gap_relm(tmp_path / "full" / "best_stage_c")
    save_tagger(tmp_path / "gector" / "best_stage_c", GECTOR)
    runs, files = ([str(tmp_path / name) for name in names] for names in (("full", "gector"), ("a.tsv", "b.tsv")))
    for file in files:
        Path(file).write_text("".join(f"{source}\t{target}\n" for source, target in SPELLING), encoding="utf-8")
    main([*runs, "--select", str(write_aligned(SPELLING)), "--tests", *files])
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines] == [[run, name] for run in runs for name in ("a.tsv", "b.tsv")]
    for _, _, *figures in lines:
        assert [figure.split()[0] for figure in figures] == ["F0.5", "F1"]
        assert all(0 <= float(figure.split()[1]) <= 1 for figure in figures)


def test_the_first_sentences_of_a_file_are_taken(tmp_path):
    path = tmp_path / "many.tsv"
    path.write_text("".join(f"第{number}句。\t第{number}句！\n" for number in range(MOST + 5)), encoding="utf-8")
    sentences = sentences_of(str(path))
    assert len(sentences) == MOST
    assert (sentences[-1].source, sentences[-1].references) == (f"第{MOST - 1}句。", [f"第{MOST - 1}句！"])
