"""The configuration: one source of defaults, mended types, errors with their cure."""

import pytest
import yaml

from gaprelm.errors import CheckpointError, ConfigurationError, GapReLMError, InputError
from gaprelm.pipeline.configuration import checked, load_schema
from gaprelm.pipeline.machine import check_gpus
from gaprelm.pipeline.selection import model_settings, resume_point, stage_settings, unhashed_settings
from gaprelm.stages import STAGES
from tests.conftest import ROOT

SCHEMA = load_schema(ROOT / "rules" / "config.schema.yaml")
DEFAULTS = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def check(**changes):
    return checked({**DEFAULTS, **changes}, SCHEMA)


def test_defaults_are_complete_and_valid():
    assert check() == DEFAULTS
    assert set(DEFAULTS) == set(SCHEMA["properties"])


def test_every_key_has_a_comment_above_it():
    lines = (ROOT / "config.yaml").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line and not line.startswith((" ", "#")):
            before = lines[number - 1]
            # a group of keys under one comment counts for all of them
            assert before.startswith("#") or (before and not before.startswith(" ")) or before.startswith("  "), line


@pytest.mark.parametrize("preset", sorted(path.name for path in (ROOT / "configs").glob("*.yaml")))
def test_presets_hold_only_known_keys(preset):
    values = yaml.safe_load((ROOT / "configs" / preset).read_text(encoding="utf-8"))
    assert set(values) <= set(SCHEMA["properties"])


def as_text(value):
    """How --config delivers a value."""
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


SIMPLE = [key for key, value in DEFAULTS.items() if not isinstance(value, dict | list)]


@pytest.mark.parametrize("key", SIMPLE)
def test_each_key_can_come_as_text(key):
    value = DEFAULTS[key]
    if value is None or key in ("bf16", "train_file"):
        value = None if value is None else value
    text = "null" if value is None else as_text(value)
    assert check(**{key: text})[key] == DEFAULTS[key]


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [
        ("experiment_name", 2024, "2024"),
        ("batch_size", 16.0, 16),
        ("batch_size", "16", 16),
        ("enable_insert", "False", False),
        ("enable_f2", "true", True),
        ("bf16", "true", True),
        ("bf16", "auto", "auto"),
        ("bf16", False, False),
        ("delete_threshold", "0.7", 0.7),
        ("delete_threshold", "null", None),
        ("learning_rate", "1e-4", 1e-4),
        ("encoder_passes", "2", 2),
        ("tiny", {"layers": "1", "hidden_size": "32", "heads": "2"}, {"layers": 1, "hidden_size": 32, "heads": 2}),
        ("stages", {"planner_train": {"num_epochs": "3", "enable_f2": "true"}}, None),
    ],
)
def test_values_of_another_type_are_mended(key, given, expected):
    result = check(**{key: given})[key]
    if key == "stages":
        assert result == {"planner_train": {"num_epochs": 3, "enable_f2": True}}
    else:
        assert result == expected
        assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_sise": 3}, "unknown configuration key batch_sise\n  cure: did you mean batch_size?"),
        ({"batch_size": 0}, "batch_size=0; expected at least 1"),
        ({"batch_size": "many"}, "batch_size='many'; expected integer"),
        ({"enable_insert": "maybe"}, "enable_insert='maybe'; expected boolean"),
        ({"template": "dense"}, "template='dense'; expected one of sparse, full, masks"),
        ({"data_format": "xml"}, "data_format='xml'; expected one of mucgec, sighan"),
        ({"experiment_name": "a/b"}, "experiment_name='a/b'; expected letters, digits"),
        ({"experiment_name": "demo\n"}, "experiment_name='demo\\n'; expected letters, digits"),
        ({"downloads": {"x": {"url": "https://x/x", "sha256": "0" * 64 + "\n"}}}, "expected 64 digits from 0 to f"),
        ({"downloads": {"x": {"url": "ftp://x/x", "sha256": "0" * 64}}}, "expected a web address, https://"),
        ({"output_dir": "o{ut}"}, "output_dir=o{ut}: a path with braces or <name> cannot be used"),
        ({"output_dir": "a\nb"}, "output_dir='a\\nb': a path with a line end or another control character cannot be"),
        ({"train_file": ["a.tsv", "a\0b"]}, "train_file='a\\x00b': a path with a line end"),
        ({"data_mirror": "a\0b"}, "data_mirror='a\\x00b': a path with a line end"),
        ({"output_dir": "a\ud800"}, "output_dir='a\\ud800': a path with a line end"),
        ({"output_dir": "<results>/x"}, "output_dir=<results>/x: a path with braces or <name> cannot be used"),
        (
            {"output_dir": "-o"},
            "a path that begins with - is taken for an option\n  cure: output_dir=./-o",
        ),
        ({"train_file": ["a.tsv", "b}.tsv"]}, "train_file=b}.tsv: a path with braces"),
        ({"datasets": [{"path": "{a}", "format": "m2"}]}, "datasets.path={a}: a path with braces"),
        ({"train_file": "a", "test_files": "{a}:m2"}, "test_files._a_.path={a}: a path with braces"),
        ({"pretrained_model": "{x}"}, "cure: rename it, or make a link to it whose name has none"),
        ({"noise": {**DEFAULTS["noise"], "protected_terms": "{x}"}}, "noise.protected_terms={x}: a path with braces"),
        (
            {"stages": {"planner_train": {"noise": {"statistics": "{x}"}}}},
            "stages.planner_train.noise.statistics={x}: a path with braces",
        ),
        ({"stages": {"planner_train": {"num_gpus": 1}}}, "unknown configuration key num_gpus in stages.planner_train"),
        ({"stages": {"stage_b": {}}}, "unknown configuration key stage_b in stages"),
        ({"fp16": True}, "fp16=true needs a GPU"),
        ({"fp16": True, "bf16": True, "num_gpus": 1}, "fp16=true and bf16=true"),
        ({"dev_file": "x.tsv"}, "dev_file is set, but neither train_file nor datasets"),
        ({"test_files": "x.tsv:sighan"}, "test_files is set, but neither train_file nor datasets"),
        (
            {"noise": {**DEFAULTS["noise"], "mix": {"wrong": 1, "missing": 1, "redundant": 0, "swapped": 0}}},
            "add up to 2",
        ),
        ({"tiny": {"layers": 1, "hidden_size": 30, "heads": 4}}, "no multiple of tiny.heads 4"),
        ({"resume_from": "nowhere"}, "no config.json and model.safetensors in nowhere"),
        ({"delete_threshold": 1.5}, "delete_threshold=1.5; expected at most 1"),
        ({"decontaminate": "all"}, "decontaminate='all'; expected one of none, sources, sentences"),
        ({"near_duplicates": 0}, "near_duplicates=0; expected more than 0"),
        ({"identical_share": 2}, "identical_share=2; expected at most 1"),
        ({"simplify": "dev"}, "simplify='dev'; expected one of none, train, all"),
    ],
)
def test_errors_name_key_value_and_cure(changes, message):
    with pytest.raises(ConfigurationError) as caught:
        check(**changes)
    assert message in str(caught.value)


def test_a_file_may_be_kept_from_single_stages(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("我\t我\n", encoding="utf-8")

    def with_repeat(repeat, **changes):
        return check(datasets=[{"path": str(path), "format": "parallel", "repeat": repeat}], **changes)

    planner = {"planner_train": 0}
    stages = {**DEFAULTS["stages"], "planner_train": {"num_epochs": 1}}
    with pytest.raises(ConfigurationError, match="in planner_train, so this stage has nothing to train on\n  cure: "):
        with_repeat(planner, stages=stages)
    assert with_repeat(planner)["datasets"][0]["repeat"] == planner, "by default this stage is left out"
    for repeat, message in {
        0: r"datasets\.0\.repeat=0; expected at least 1",
        "often": r"datasets\.0\.repeat='often'; expected integer or object",
    }.items():
        with pytest.raises(ConfigurationError, match=message):
            with_repeat(repeat)
    with pytest.raises(ConfigurationError, match=r"unknown configuration key planer_train in .*\n.*did you mean"):
        with_repeat({"planer_train": 2})
    with pytest.raises(ConfigurationError, match=r"repeat\.planner_train=0\.5; expected integer"):
        with_repeat({"planner_train": 0.5})


def test_dev_sets_by_name(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("我\t我\n", encoding="utf-8")
    entry = {"path": str(path), "format": "parallel"}

    def dev(value):
        return check(train_file=str(path), dev_file=value)["dev_file"]

    assert dev(entry | {"part": "1/2"}) == entry | {"part": "1/2"}
    assert dev({"a": entry | {"weight": "2.5"}, "b": entry})["a"]["weight"] == 2.5
    for value, message in (
        (entry | {"weight": 2}, "unknown configuration key weight in dev_file\n  cure: "),
        ({"format": "parallel"}, "configuration key dev_file.* 'path' is a required property"),
        ({"a": entry | {"weight": 0}}, r"dev_file\.a\.weight=0; expected more than 0"),
        ({"a": str(path)}, r"dev_file\.a='.*'; expected object"),
        ({}, "configuration key dev_file={}"),
        ({"a b": entry}, "configuration key dev_file='a b'; expected letters, digits"),
        ({"a": entry | {"wieght": 2}}, r"unknown configuration key wieght in dev_file\.a\n.*did you mean weight"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            dev(value)


def test_what_a_stage_has_of_its_own(caplog):
    def settings(config):
        return [stage_settings(config, stage, SCHEMA) for stage in STAGES]

    own = {"max_seq_length": 32, "lr_schedule": "wsd", "ema_decay": "0.99", "batch_size": 4}
    config = check(stages={**DEFAULTS["stages"], "planner_train": own})
    assert [values["max_seq_length"] for values in settings(config)] == [None, 32, None]
    assert [values["lr_schedule"] for values in settings(config)] == ["linear", "wsd", "linear"]
    assert [values["ema_decay"] for values in settings(config)] == [None, 0.99, None]
    assert [values["warmup_ratio"] for values in settings(check())] == [DEFAULTS["warmup_ratio"], 0, 0.1]
    assert not caplog.text
    for changes, message in (
        ({"max_seq_length": 65}, r"planner_train\.max_seq_length=65; expected at most 64, .*\n  cure: lower it"),
        ({"lr_schedule": "cosine"}, "lr_schedule='cosine'; expected one of constant, linear, wsd"),
        ({"ema_decay": 1}, r"planner_train\.ema_decay=1; expected less than 1"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            check(stages={"planner_train": changes})


def test_a_first_stage_that_does_not_warm_up_is_pointed_out(caplog, model_dir):
    without_a = {**DEFAULTS["stages"], "planner_train": {"num_epochs": 1, "warmup_ratio": 0.0}}
    check(stages=without_a)
    assert "planner_train is the first stage that is trained, and does not warm up: set stages.planner_t" in caplog.text
    caplog.clear()
    check(stages=without_a, resume_from=f"planner_train:{model_dir}")
    check(stages={**without_a, "planner_train": {"num_epochs": 1, "warmup_ratio": 0.1}})
    check()
    assert not caplog.text


def test_a_missing_key_is_named():
    values = dict(DEFAULTS)
    del values["seed"]
    with pytest.raises(ConfigurationError, match="key seed is missing"):
        checked(values, SCHEMA)


def test_files_are_looked_for_before_anything_runs(tmp_path):
    good = tmp_path / "a.tsv"
    good.write_text("我\t我\n", encoding="utf-8")
    assert check(train_file=str(good))["train_file"] == str(good)
    assert check(train_file=[str(good)], test_files=f"{good}:parallel")["test_files"] == {
        "a": {"path": str(good), "format": "parallel"}
    }
    for changes in ({"train_file": "nothing.tsv"}, {"train_file": [str(good), "nothing.tsv"]}):
        with pytest.raises(InputError, match=r"nothing\.tsv: no such file"):
            check(**changes)
    with pytest.raises(InputError, match="is a directory"):
        check(train_file=str(tmp_path))
    with pytest.raises(GapReLMError, match="expected one of mucgec"):
        check(train_file=str(good), test_files={"x": {"path": str(good), "format": "xml"}})
    downloads = {"b.tsv": {"url": "http://127.0.0.1/b.tsv", "sha256": "0" * 64}}
    assert check(train_file="downloads/b.tsv", downloads=downloads)["train_file"] == "downloads/b.tsv"
    held_out = {"train_file": str(good), "downloads": downloads}
    with pytest.raises(ConfigurationError, match=r"downloads/b\.tsv: format auto needs .*\n  cure: name its format"):
        check(**held_out, decontaminate_with="downloads/b.tsv")
    for entry in ({"path": "downloads/b.tsv", "format": "parallel"}, [{"path": ["downloads/b.tsv"], "format": "m2"}]):
        assert check(**held_out, decontaminate_with=entry)["decontaminate_with"] == entry


def test_a_test_file_with_a_colon_or_a_plus_in_its_name(tmp_path):
    for name in ("a:b.tsv", "a+b.tsv"):
        (tmp_path / name).write_text("我\t我\n", encoding="utf-8")
    train = str(tmp_path / "a+b.tsv")
    whole = check(train_file=train, test_files=f"{tmp_path}/a:b.tsv")["test_files"]
    assert whole == {"a_b": {"path": f"{tmp_path}/a:b.tsv", "format": "parallel"}}
    named = check(train_file=train, test_files=f"{tmp_path}/a+b.tsv:parallel")["test_files"]
    assert named == {"a_b": {"path": f"{tmp_path}/a+b.tsv", "format": "parallel"}}


def test_more_gpus_than_there_are():
    check_gpus(2, 2)
    with pytest.raises(ConfigurationError, match=r"num_gpus=4, but this machine has 1"):
        check_gpus(4, 1)


def test_stages_override_only_their_own():
    config = check(stages={"planner_train": {"learning_rate": 5e-5}}, learning_rate=1e-3)
    rates = {stage: stage_settings(config, stage, SCHEMA)["learning_rate"] for stage in STAGES}
    assert rates == {"infiller_pretrain": 1e-3, "planner_train": 5e-5, "joint_finetune": 1e-3}


def test_what_does_not_decide_the_result_is_not_tracked():
    for key in ("save_steps", "logging_steps", "num_workers", "num_gpus"):
        assert key not in stage_settings(check(), "joint_finetune", SCHEMA)
        assert key in unhashed_settings(check(), "joint_finetune")


def test_the_initial_model_depends_on_the_tiny_shape_only_where_it_is_tiny(tmp_path):
    shape = {"layers": 1, "hidden_size": 32, "heads": 2}
    start = {"pretrained_model": "tiny"}
    assert model_settings(check(tiny=shape, **start)) != model_settings(check(**start))
    assert model_settings(check(tiny=shape, pretrained_model="x")) == model_settings(check(pretrained_model="x"))


def test_resume_point(model_dir):
    with pytest.raises(ConfigurationError, match="does not say which stage"):
        resume_point({"resume_from": str(model_dir)})
    assert resume_point({"resume_from": f"planner_train:{model_dir}"}) == ("planner_train", str(model_dir))
    (model_dir / "training_args.json").write_text('{"stage": "joint_finetune"}')
    assert resume_point({"resume_from": str(model_dir)}) == ("joint_finetune", str(model_dir))
    for written in ('{"stage": ["x"]}', '{"stage": "other"}', "{}"):
        (model_dir / "training_args.json").write_text(written)
        with pytest.raises(ConfigurationError, match="does not say which stage"):
            resume_point({"resume_from": str(model_dir)})
    (model_dir / "training_args.json").write_text("[]")
    with pytest.raises(CheckpointError, match=r"training_args\.json: found list \[\]; expected an object"):
        resume_point({"resume_from": str(model_dir)})


@pytest.mark.parametrize(
    ("key", "off", "on"), [("aux_gap_prob", ["0.0", 0, 0.0], "0.1"), ("operation_embedding", ["false", False], True)]
)
def test_keys_that_have_gone_are_ignored_where_they_are_off(key, off, on, caplog):
    for value in off:
        caplog.clear()
        assert check(**{key: value}) == DEFAULTS
        assert f"configuration key {key} no longer exists and is ignored" in caplog.text
    with pytest.raises(ConfigurationError, match=f"key {key}={on!r} no longer exists: .*\n  cure: leave {key} out"):
        check(**{key: on})
