"""Where files lie and what is made of what, without Snakemake."""

import pytest

from gaprelm.data.sources import Source
from gaprelm.errors import ConfigurationError
from gaprelm.stages import STAGES
from tests.conftest import ROOT

CLEAN = {"path": "c.txt", "format": "clean"}
PAIRS = {"path": "a.tsv", "format": "parallel"}
DATA = "outputs/demo/data"
SHARDS = ("1-of-2", "2-of-2")


@pytest.fixture
def mixed(make_experiment):
    """Pairs and clean text, a clean dev set, one test set; two shards."""
    test = {"x": {"path": "a.tsv", "format": "parallel"}}
    return make_experiment(SHARDS, datasets=[PAIRS, CLEAN], dev_file=CLEAN, test_files=test, simplify="train")


def saved(folder):
    """A directory that ``resume_from`` takes."""
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "vocab.txt"):
        (folder / name).write_text("{}", encoding="utf-8")
    return str(folder)


def test_without_files_the_sample_is_all_there_is(make_experiment):
    experiment = make_experiment()
    assert experiment.splits == ["clean", "dev", "test_sample"]
    assert experiment.raw_files("clean") == [f"{DATA}/sample/train.txt"]
    assert experiment.raw_files("test_sample") == [f"{DATA}/sample/test.txt"]
    assert experiment.training_data() == {"train_data": [], "clean_data": f"{DATA}/filtered/clean.parquet"}
    assert experiment.dev_data == {"dev": f"{DATA}/aligned/dev.parquet"}
    assert experiment.dev_weights == {"dev": 1.0}


def test_training_data_are_two_splits_by_their_format(mixed):
    assert mixed.splits == ["train", "clean", "dev", "test_x"]
    assert mixed.sources("train") == [Source("a.tsv", "parallel")]
    assert mixed.sources("clean") == [Source("c.txt", "clean")]
    assert mixed.training_texts() == [f"{DATA}/filtered/train.parquet", f"{DATA}/filtered/clean.parquet"]
    assert [split for split in mixed.splits if mixed.is_simplified(split)] == ["train", "clean"]
    assert mixed.held_out_tables() == [f"{DATA}/normalized/dev.parquet", f"{DATA}/normalized/test_x.parquet"]


def test_references_of_pairs_make_a_second_split(make_experiment):
    experiment = make_experiment(train_file="a.tsv", references_as_clean=True)
    assert experiment.splits == ["train", "clean"]
    assert experiment.raw_files("train") == experiment.raw_files("clean") == ["a.tsv"]
    assert experiment.training_data()["clean_data"] == f"{DATA}/filtered/clean.parquet"
    assert experiment.gets_errors("clean")
    assert make_experiment(train_file="a.tsv").splits == ["train"]


def test_each_of_several_dev_sets_is_a_split(make_experiment):
    several = {"real": PAIRS | {"weight": 3}, "made": CLEAN}
    experiment = make_experiment(SHARDS, train_file="a.tsv", dev_file=several)
    assert experiment.splits == ["train", "dev_made", "dev_real"]
    assert experiment.dev_weights == {"dev_made": 1.0, "dev_real": 3.0}
    assert experiment.dev_data["dev_real"] == f"{DATA}/aligned/dev_real.parquet"
    assert experiment.sentences("dev_made") == [f"{DATA}/corrupted/dev_made.{shard}.parquet" for shard in SHARDS]
    assert experiment.held_out_tables() == [f"{DATA}/normalized/dev_{name}.parquet" for name in ("made", "real")]
    assert experiment.has_dev
    assert not make_experiment(train_file="a.tsv").has_dev


def test_nothing_is_held_out_where_nothing_is_decontaminated(make_experiment):
    assert make_experiment(decontaminate="none").held_out_tables() == []


def test_pairs_come_in_shards_and_other_sets_whole(mixed):
    assert mixed.parts("train") == ["train.1-of-2", "train.2-of-2"]
    assert mixed.parts("dev") == ["dev"]
    assert mixed.parts("clean") == []
    assert [mixed.shard(part) for part in ("train.2-of-2", "dev")] == ["2-of-2", "1-of-1"]
    assert mixed.training_files() == [
        f"{DATA}/template/train.1-of-2.parquet",
        f"{DATA}/template/train.2-of-2.parquet",
        f"{DATA}/filtered/clean.parquet",
    ]


def test_what_is_aligned(mixed):
    assert mixed.sentences("train.1-of-2") == [f"{DATA}/filtered/train.parquet"]
    # clean text got its errors in shards
    assert mixed.sentences("dev") == [f"{DATA}/corrupted/dev.{shard}.parquet" for shard in SHARDS]
    assert mixed.sentences("test_x") == [f"{DATA}/normalized/test_x.parquet"]


def test_the_summary_counts_every_split_and_part(mixed):
    files = [path.removeprefix(f"{DATA}/") for path in mixed.summarized_files()]
    assert files == [
        *("normalized/train.json", "normalized/clean.json", "normalized/dev.json", "normalized/test_x.json"),
        *("filtered/train.json", "filtered/clean.json", "filtered/clean.parquet"),
        *("aligned/train.1-of-2.parquet", "aligned/train.2-of-2.parquet"),
        *("aligned/dev.parquet", "aligned/test_x.parquet"),
        *("template/train.1-of-2.json", "template/train.2-of-2.json", "template/dev.json", "template/test_x.json"),
    ]


def test_each_stage_starts_from_the_one_before(make_experiment):
    experiment = make_experiment()
    assert [experiment.start(stage) for stage in STAGES] == [
        "outputs/demo/initial",
        "outputs/demo/best_stage_a",
        "outputs/demo/best_stage_b",
    ]
    assert experiment.model == "outputs/demo/best_stage_c"
    assert [stage.rule for stage in experiment.trained_stages] == ["train_infiller", "train_planner", "train_joint"]


def test_a_resumed_stage_starts_from_its_directory(make_experiment, tmp_path):
    folder = saved(tmp_path / "other")
    with pytest.raises(ConfigurationError, match=r"no counts\.npz there\n  cure: set enable_counts=false"):
        make_experiment(resume_from=f"planner_train:{folder}")
    experiment = make_experiment(resume_from=f"planner_train:{folder}", enable_counts=False)
    assert experiment.start("planner_train") == folder
    assert experiment.start("joint_finetune") == "outputs/demo/best_stage_b"
    assert [stage.letter for stage in experiment.trained_stages] == ["B", "C"]


def test_a_stage_cannot_go_on_from_what_it_is_going_to_write(make_experiment, tmp_path):
    folder = saved(tmp_path / "outputs" / "demo" / "best_stage_b")
    with pytest.raises(ConfigurationError, match=r"is what this stage is going to write\n  cure: set another"):
        make_experiment(resume_from=f"planner_train:{folder}", enable_counts=False)


def test_files_that_errors_follow_belong_to_the_stages_that_make_errors(make_experiment, tmp_path):
    (tmp_path / "terms.txt").write_text("图书馆\n", encoding="utf-8")
    stages = {"planner_train": {"noise": {"protected_terms": "terms.txt"}}}
    with_errors = make_experiment(train_file="c.txt", data_format="clean", stages=stages, enable_counts=False)
    assert with_errors.stage_data("planner_train") == [f"{DATA}/filtered/clean.parquet", "terms.txt"]
    assert with_errors.stage_data("joint_finetune") == [f"{DATA}/filtered/clean.parquet"]
    pairs = make_experiment(train_file="a.tsv", stages=stages, enable_counts=False)
    assert pairs.stage_data("planner_train") == [f"{DATA}/template/train.1-of-1.parquet"]


def test_an_encoder_that_is_a_directory_and_resources_are_files(make_experiment, tmp_path):
    saved(tmp_path / "encoder")
    experiment = make_experiment(pretrained_model="encoder", scoring_resources="downloads/cherrant")
    assert experiment.pretrained_files() == ["encoder/config.json", "encoder/model.safetensors", "encoder/vocab.txt"]
    names = ("cilin_char_class.tsv", "confusion_dict.txt")
    assert experiment.scoring_files() == [f"downloads/cherrant/{name}" for name in names]
    plain = make_experiment(pretrained_model="tiny")
    assert plain.pretrained_files() == plain.scoring_files() == []


def test_a_model_that_corrects_is_scored_before_it_is_trained_on(make_experiment, tmp_path):
    saved(tmp_path / "encoder")
    named = {"train_file": "a.tsv", "test_files": {"own": {"path": "a.tsv", "format": "parallel"}}}
    assert make_experiment(pretrained_model="encoder", **named).metrics_before() == []
    (tmp_path / "encoder" / "calibration.json").write_text("{}")
    experiment = make_experiment(pretrained_model="encoder", **named)
    assert experiment.metrics_before() == ["outputs/demo/evaluation/before/own.metrics.json"]
    assert make_experiment(pretrained_model="tiny", **named).metrics_before() == []


def test_thresholds_and_graphs_decide_what_a_model_scores_before_training(make_experiment, tmp_path):
    saved(tmp_path / "model")
    graphs = ("calibration.json", "export.json", "planner.onnx", "infiller.onnx")
    for name in graphs:
        (tmp_path / "model" / name).write_text("{}", encoding="utf-8")
    experiment = make_experiment(pretrained_model="model")
    assert experiment.corrector_files() == [*experiment.pretrained_files(), *(f"model/{name}" for name in graphs)]
    rule = (ROOT / "rules" / "evaluate.smk").read_text(encoding="utf-8").split("rule evaluate_before:")[1]
    assert rule.split("rule ")[0].count("EXPERIMENT.corrector_files()") == 2


def test_both_files_of_a_pair_are_read(make_experiment, tmp_path):
    for name in ("a+b.src", "a.tgt"):
        (tmp_path / name).write_text("我在家\n", encoding="utf-8")
    experiment = make_experiment(train_file="a+b.src+a.tgt", decontaminate_with=["c.txt"])
    assert experiment.raw_files("train") == ["a+b.src", "a.tgt"]
    assert experiment.list_files() == ["c.txt"]


def test_a_partner_that_is_found_by_its_name_is_read_too(make_experiment, tmp_path):
    for name in ("b.src", "b.tgt"):
        (tmp_path / name).write_text("我在家\n", encoding="utf-8")
    for how in ("parallel", "auto"):
        experiment = make_experiment(train_file="b.src", data_format=how)
        assert experiment.raw_files("train") == ["b.src", "b.tgt"]


@pytest.mark.parametrize(
    ("weights", "read"),
    [
        (["pytorch_model.bin"], ["pytorch_model.bin"]),
        (["model.safetensors", "pytorch_model.bin", "tf_model.h5"], ["model.safetensors"]),
        (["1.bin"], []),
    ],
)
def test_weights_of_every_form_are_read(make_experiment, tmp_path, weights, read):
    folder = tmp_path / "encoder"
    folder.mkdir()
    for name in ("config.json", "vocab.txt", *weights):
        (folder / name).write_text("{}", encoding="utf-8")
    found = make_experiment(pretrained_model="encoder").pretrained_files()
    assert found == [f"encoder/{name}" for name in ("config.json", *read, "vocab.txt")]


def test_what_users_bring_and_what_rules_make(make_experiment, tmp_path):
    own = {"x.tsv": {"url": "https://example.invalid/x", "sha256": "0" * 64}}
    (tmp_path / "downloads" / "cherrant").mkdir(parents=True)
    files = ["downloads/x.tsv", "downloads/mine.tsv", "a.tsv", "outputs/demo/best_stage_b/config.json"]
    files += ["outputs/demo2/best_stage_b/config.json", "downloads/cherrant/confusion_dict.txt"]
    fetched = make_experiment(downloads=own, scoring_resources="downloads/cherrant")
    assert fetched.brought(files) == ["downloads/mine.tsv", "a.tsv", "outputs/demo2/best_stage_b/config.json"]
    assert make_experiment().brought(make_experiment().raw_files("clean")) == []


def test_a_stage_that_goes_on_from_another_experiment_reads_its_result(make_experiment, tmp_path):
    other = saved(tmp_path / "other" / "best_stage_b")
    experiment = make_experiment(resume_from=f"joint_finetune:{other}", enable_counts=False)
    assert f"{other}/model.safetensors" in experiment.brought(experiment.stage_reads("joint_finetune"))
    assert experiment.brought(experiment.stage_reads("planner_train")) == []


def test_a_slash_too_many_in_the_folder_is_left_out(make_experiment):
    assert [make_experiment(output_dir=name).folder for name in ("a/", "a//b", "/", "./-o")] == [
        *("a/demo", "a/b/demo", "/demo", "./-o/demo"),
    ]


def test_the_report_shows_what_there_is(make_experiment):
    names = [path.rsplit("/", 1)[1] for path in make_experiment(train_file="a.tsv").report_files()]
    assert names == ["data_summary.html", "data_figures.svg", "training_curves.svg"]
    assert len(make_experiment().report_files()) == 6


def test_a_checkpoint_is_all_that_correcting_needs(make_experiment):
    assert "m/vocab.txt" in make_experiment().checkpoint("m")
    assert len({*make_experiment().checkpoint("m")}) == 6
    assert "m/counts.npz" not in make_experiment(enable_counts=False).checkpoint("m")


def test_the_training_data_are_counted_unless_a_model_brings_counts(make_experiment, tmp_path):
    own = make_experiment(train_file="a.tsv", pretrained_model="encoder")
    assert own.counts_file() == ["outputs/demo/counts/all.npz"]
    assert own.training_pairs() == [f"{DATA}/filtered/train.parquet"]
    assert len(own.fold_files()) == 4
    assert set(own.fold_files()) < {*own.stage_data("planner_train")}
    saved(tmp_path / "encoder")
    (tmp_path / "encoder" / "counts.npz").write_text("", encoding="utf-8")
    brought = make_experiment(train_file="a.tsv", pretrained_model="encoder")
    assert brought.counts_file() == brought.fold_files() == []
    assert "encoder/counts.npz" in brought.pretrained_files()
    without = make_experiment(train_file="a.tsv", enable_counts=False)
    assert without.counts_file() == without.fold_files() == []
    assert make_experiment().training_pairs() == []
