"""The data steps of the workflow alone: cleaning, formats that are recognised, downloads from a mirror."""

import hashlib
import json

import pytest
import yaml

from gaprelm.data.tables import TEMPLATE, iterate_rows, read_pairs

pytestmark = pytest.mark.workflow

TRAIN = [
    "我再家看书。\t我在家看书。",
    "他去学学校。\t他去学校。",
    "他去学学校。\t他去学校。",
    "天气很冷。\t天气很冷。",
    "今天雨。\t今天下雨。",
    "好。\t这是完全不一样的另外一句话",
    "請把們關上。\t請把門關上。",
]


def summary(project, **changes):
    """data/summary.json of an experiment with these keys, and what the run said."""
    config = {"train_file": "train.tsv", "experiment_name": "x"} | changes
    (project.folder / "mine.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    target = "outputs/x/data/summary.json"
    result = project.snakemake(target, "--cores", "2", "--configfile", "mine.yaml")
    output = result.stdout + result.stderr
    assert result.returncode == 0, output[-3000:]
    return json.loads((project.folder / target).read_text(encoding="utf-8")), output


def test_cleaning_is_counted_and_can_be_switched_off(project):
    (project.folder / "train.tsv").write_text("".join(f"{line}\n" for line in TRAIN), encoding="utf-8")
    (project.folder / "dev.tsv").write_text("今天　雨。\t今天下雨了。\n", encoding="utf-8")
    (project.folder / "test.txt").write_text("1\t我再家看书。\t我在家看书。\n2\t他再。\t他在。\n", encoding="utf-8")
    (project.folder / "list.txt").write_text("天气很冷。\n請把們關上。\n", encoding="utf-8")
    files = {"dev_file": "dev.tsv", "test_files": {"t": {"path": "test.txt", "format": "auto"}}}
    found, _ = summary(project, **files, decontaminate_with="list.txt", simplify="train", data_format="auto")
    assert found["test_t"]["normalized"]["sources"][0]["format"] == "mucgec"
    assert found["train"]["normalized"]["simplified"] == 1
    assert found["train"]["filtered"] == {
        "cut": {"sentences": 0, "pieces": 0},
        "sentences": 7,
        "kept": 1,
        "left_out": {"in a dev or test set or a list": 4, "duplicate": 1, "reference too different": 1},
        "left_out_by_held_out_set": {"dev": 1, "test_t": 1, "list.txt": 2},
        "references_left_out": 1,
    }
    assert found["train"]["aligned"]["pairs"] == 1
    off = {"decontaminate": "none", "drop_duplicates": False, "max_changed_share": None}
    found, _ = summary(project, **files, **off)
    assert found["train"]["filtered"]["kept"] == 7
    assert found["train"]["normalized"]["simplified"] == 0
    found, _ = summary(project, **files, **off, decontaminate_with={"path": "list.txt", "format": "clean"})
    assert found["train"]["filtered"]["left_out_by_held_out_set"] == {"list.txt": 2}
    assert found["train"]["filtered"]["kept"] == 5


def test_clean_text_is_kept_apart_from_references(project):
    (project.folder / "text.txt").write_text("我在家看书。\n天气很冷。\n今天下雨。\n", encoding="utf-8")
    (project.folder / "test.tsv").write_text("我再家看书。\t我在家看书。\n", encoding="utf-8")
    found, _ = summary(
        project,
        train_file=["text.txt"],
        data_format="clean",
        test_files={"t": {"path": "test.tsv", "format": "parallel"}},
    )
    assert found["clean"]["filtered"]["left_out_by_held_out_set"] == {"test_t": 1}
    assert found["clean"]["filtered"]["kept"] == 2


def test_long_sentences_are_cut_in_training_only(project):
    long = "我再家看书。\t我在家看书。", "他去学学校。\t他去学校。", "今天雨。\t今天下雨。"
    source, target = ("".join(part) for part in zip(*(line.split("\t") for line in long), strict=True))
    (project.folder / "train.tsv").write_text(f"{source}\t{target}\n今天很冷。\t今天很冷。\n", encoding="utf-8")
    (project.folder / "clean.txt").write_text(f"{target}\n", encoding="utf-8")
    (project.folder / "test.tsv").write_text(f"{source}\t{target}\n他去学学校。\t他去学校。\n", encoding="utf-8")
    found, _ = summary(
        project,
        train_file=None,
        datasets=[{"path": "train.tsv", "format": "parallel"}, {"path": "clean.txt", "format": "clean"}],
        test_files={"t": {"path": "test.tsv", "format": "parallel"}},
        max_seq_length=10,
    )
    filtered = found["train"]["filtered"]
    assert filtered["cut"] == found["clean"]["filtered"]["cut"] == {"sentences": 1, "pieces": 3}
    # Two long ones and a short one; the piece that the test set has goes.
    assert (filtered["sentences"], filtered["kept"], filtered["left_out_by_held_out_set"]) == (4, 3, {"test_t": 1})
    assert found["train"]["template"] == {"pairs": 3, "left_out": {}}
    assert found["clean"]["filtered"]["kept"] == found["clean"]["template"]["pairs"] == 2
    assert found["test_t"]["aligned"]["lengths"] == {"0": 1, "10": 1}


def test_references_serve_as_clean_sentences_too(project):
    (project.folder / "train.tsv").write_text("".join(f"{line}\n" for line in TRAIN), encoding="utf-8")
    (project.folder / "clean.txt").write_text("他去学校。\n天很热。\n", encoding="utf-8")
    (project.folder / "test.tsv").write_text("今天又雨。\t今天下雨。\n", encoding="utf-8")
    pairs, text = {"path": "train.tsv", "format": "parallel"}, {"path": "clean.txt", "format": "clean"}
    tests = {"t": {"path": "test.tsv", "format": "parallel"}}
    datasets = [pairs | {"references_as_clean": True}, text]
    found, _ = summary(project, train_file=None, datasets=datasets, test_files=tests)
    # Seven references, of which one comes twice and one is in clean.txt too; and the reference of the test set goes.
    filtered = found["clean"]["filtered"]
    assert (filtered["sentences"], filtered["kept"], filtered["left_out"]["duplicate"]) == (9, 6, 2)
    assert filtered["left_out_by_held_out_set"] == {"test_t": 1}
    # In pairs only sources are compared.
    assert found["train"]["filtered"]["left_out_by_held_out_set"] == {"test_t": 0}


def test_training_data_that_are_the_test_set_are_refused(project):
    (project.folder / "train.tsv").write_text("我再家。\t我在家。\n", encoding="utf-8")
    result = project.snakemake(
        *("outputs/demo/data/summary.json", "--cores", "2", "--config", "train_file=train.tsv"),
        "test_files=train.tsv:parallel",
    )
    assert result.returncode != 0
    assert "no training sentence is left of 1: {'in a dev or test set or a list': 1}" in result.stdout + result.stderr


def test_published_files_come_from_a_mirror(project):
    """A file of the catalogue, by name; here it is another one, so it is refused, and no half file stays."""
    mirror = project.folder / "mirror"
    mirror.mkdir()
    content = b"\xe5\x86\x8d \xe5\xae\xb6\t\xe5\x9c\xa8 \xe5\xae\xb6\n"
    (mirror / "car.txt").write_bytes(content)
    target = "downloads/lemon_car.txt"
    arguments = (target, "--cores", "1", "--config", "data_mirror=mirror")
    result = project.snakemake(*arguments)
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "licence: academic research only" in output
    assert "mirror/car.txt has sha256" in output
    assert not (project.folder / target).exists()
    result = project.snakemake("downloads/unknown.txt", "-n")
    assert (
        "unknown.txt: no file of that name can be fetched; expected one of MuCGEC_dev.txt, "
        in result.stdout + result.stderr
    )
    own = {"lemon_car.txt": {"url": "http://127.0.0.1:9/car.txt", "sha256": hashlib.sha256(content).hexdigest()}}
    config = {"downloads": own, "data_mirror": "mirror"}
    (project.folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    result = project.snakemake(target, "--cores", "1", "--configfile", "mine.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert (project.folder / target).read_bytes() == content


def test_a_test_set_that_is_added_later_leaves_the_model_as_it_is(project):
    """The training data are filtered anew, and come out the same; so training goes on from its end."""
    pairs = "我再家看书。\t我在家看书。\n天气很泠。\t天气很冷。\n他去学学校。\t他去学校。\n今天雨。\t今天下雨。\n"
    (project.folder / "train.tsv").write_text(pairs, encoding="utf-8")
    (project.folder / "test.tsv").write_text("请把们关上。\t请把门关上。\n", encoding="utf-8")
    arguments = ("--cores", "2", "--configfile", "configs/smoke.yaml", "--config", "train_file=train.tsv")
    weights = project.folder / "outputs" / "smoke" / "best_stage_c" / "model.safetensors"
    sums = []
    for target, more in (("train_joint", ()), ("all", ("test_files=test.tsv:parallel",))):
        result = project.snakemake(target, *arguments, "num_processes=1", *more)
        assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
        sums.append(hashlib.sha256(weights.read_bytes()).hexdigest())
    assert sums[0] == sums[1]
    log = (project.folder / "outputs" / "smoke" / "training.log").read_text(encoding="utf-8")
    assert log.count("going on from") == 3, log


def labelled(path):
    return list(iterate_rows(path, TEMPLATE.names))


def test_shards_hold_the_same_pairs_and_only_missing_ones_are_made(project):
    lines = [f"{number}我再家看书。\t{number}我在家看书。\n" for number in range(7)]
    (project.folder / "train.tsv").write_text("".join(lines), encoding="utf-8")
    (project.folder / "clean.txt").write_text("我在家看书。\n天气很冷。\n今天下雨。\n", encoding="utf-8")
    files = {"test_files": {"t": {"path": "clean.txt", "format": "clean"}}, "decontaminate": "none"}
    data = project.folder / "outputs/x/data"
    whole, _ = summary(project, **files)
    pairs = labelled(data / "template/train.1-of-1.parquet")
    test = read_pairs(data / "aligned/test_t.parquet")
    assert [pair["target"] for pair in pairs] == [line.strip().split("\t")[1] for line in lines]
    in_shards, output = summary(project, **files, data_shards=3)
    assert in_shards == whole
    shards = [data / f"template/train.{number}-of-3.parquet" for number in (1, 2, 3)]
    assert [pair for shard in shards for pair in labelled(shard)] == pairs
    assert read_pairs(data / "aligned/test_t.parquet") == test
    # What went before a shard is not made again.
    assert "Cleaning" not in output
    for path in (shards[1], data / "template/train.2-of-3.json", data / "summary.json"):
        path.unlink()
    _, output = summary(project, **files, data_shards=3)
    assert output.count("Labelling train.") == 1
    assert "Aligning" not in output
