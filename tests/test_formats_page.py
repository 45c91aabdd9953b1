"""docs/use/formats.md: every example is recognised and read as what it says, and every claim about keys holds."""

import re

import pytest
import yaml

from gaprelm.data.checking.overlap import TestSet
from gaprelm.data.checking.report import CheckSettings, check_file
from gaprelm.data.published import PUBLISHED
from gaprelm.data.readers import READERS, valid_records
from gaprelm.data.readers.recognition import recognise
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "use" / "formats.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```text (\S+) (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    """The examples as files. Their names are all different."""
    assert len({name for _, name, _ in BLOCKS}) == len(BLOCKS)
    for _, name, text in BLOCKS:
        (tmp_path / name).write_text(text.replace("⇥", "\t"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("data_format", "name"), [block[:2] for block in BLOCKS if block[0] != "-"])
def test_examples(folder, data_format, name):
    path = str(folder / name)
    assert recognise(path).format == data_format
    problems = []
    records = list(valid_records(path, data_format, "error", problems))
    assert not problems
    assert all(record.targets for record in records)
    # Each shows an error in its correction, but for clean text.
    assert any(target != record.source for record in records for target in record.targets) != (data_format == "clean")


def test_every_format_has_an_example():
    assert {data_format for data_format, _, _ in BLOCKS} == {*READERS, "-"}


def test_defaults_of_the_cleaning_keys():
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `(\w+)` \| `(\S+)` \|", PAGE, re.MULTILINE)
    assert len(rows) == 6
    for key, value in rows:
        assert settings[key] == yaml.safe_load(value), key


def test_published_names_and_licences():
    table = PAGE[PAGE.index("## Published data") :]
    for name, download in PUBLISHED.items():
        general = re.sub(r"(train)1[45](_error|_correct)", r"\g<1>13\2", re.sub(r"(ecspell_)(med|odw)", r"\1law", name))
        row = next(line for line in table.splitlines() if f"`{general}`" in line)
        assert download.licence in row
        assert f"`{download.format}`" in row
        assert "/".join(download.url.split("/")[3:5]) in row or "the same" in row


def test_ten_lines_for_own_data():
    section = PAGE.split("## Bring your own data")[1].split("\n## ")[0]
    assert len(re.findall(r"^\d+\. ", section, re.MULTILINE)) == 10


def test_keys_of_the_json_document(tmp_path):
    section = PAGE.split("The JSON document: ")[1].split("\n## ")[0]
    path = tmp_path / "a.tsv"
    path.write_text("再\t在\n", encoding="utf-8")
    settings = CheckSettings(max_insert_num=3, max_seq_length=64, max_changed_share=0.8, shown=1)
    report = check_file(str(path), "auto", settings, [TestSet(str(path))]).as_dict()
    inner = [report[key] for key in ("lengths", "edits", "left_out", "problems")]
    keys = [*report, *report["overlap"][0], *report["problems"]["shown"][0], *(key for part in inner for key in part)]
    for key in keys:
        assert re.search(rf"\b{key}\b", section), key
