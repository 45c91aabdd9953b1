"""Training a stage: what moves, what is written, what is refused."""

import json
import runpy

import pytest
import torch
from safetensors.torch import load_file
from transformers import TrainingArguments

from gaprelm.correction.corrector import Corrector
from gaprelm.correction.thresholds import read_thresholds
from gaprelm.counts.folds import counts_and_folds
from gaprelm.errors import CheckpointError, ConfigurationError, GapReLMError, InputError
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.stages import STAGES
from gaprelm.training.batches.stage_examples import training_examples
from gaprelm.training.checkpoints import check_same_shape, fingerprint, last_checkpoint, mark_complete
from gaprelm.training.kinds import freeze
from gaprelm.training.settings import StageSettings
from gaprelm.training.trainer import training_arguments
from gaprelm.training.work import lock
from tests.conftest import ROOT, SENTENCES, saved
from tests.training.conftest import train


def weights(folder):
    return load_file(folder / "model.safetensors")


def moved(path):
    """Names of the weights that training changed."""
    before, after = weights(path.parent.parent / "initial"), weights(path.parent / "best")
    return {name for name in before if not torch.equal(before[name], after[name])}


def of(names, part):
    return {name for name in names if name.startswith(part)}


def test_stage_a_trains_no_planner(stage):
    path = stage("a", stage="infiller_pretrain")
    result = train(path)
    assert result.returncode == 0, result.stderr
    changed = moved(path)
    assert not of(changed, "operation_head") | of(changed, "insert_head")
    assert of(changed, "infiller_head")
    assert of(changed, "encoder.encoder")
    assert of(changed, "slot_embedding")
    arguments = json.loads((path.parent / "best" / "training_args.json").read_text())
    assert arguments["chosen_by"] == "infill_accuracy"


@pytest.fixture
def counted(make_model, tmp_path):
    """A model with counts in ``initial``, and the files of the counts without each fold."""
    texts = [text for text in SENTENCES for _ in range(3)]
    paths = [tmp_path / f"without-{fold}.npz" for fold in range(2)]
    whole, *folds = counts_and_folds(lambda: texts, [], 2)
    for path, counts in zip(paths, folds, strict=True):
        counts.save(path)
    model, vocabulary = make_model(template="masks", enable_tagging=True, enable_counts=True)
    model.counts = whole
    model.start_from_counts()
    saved(model, vocabulary, tmp_path / "initial")
    return [str(path) for path in paths]


def test_stage_a_reads_no_counts(stage, counted):
    """The infiller, which started faintly, speaks; the planner is left out, and so proposes nothing on dev."""
    path = stage("a", stage="infiller_pretrain", counts_of_folds=counted)
    result = train(path)
    assert result.returncode == 0, result.stderr
    changed = moved(path)
    assert not of(changed, "counted") | of(changed, "operation_head") | of(changed, "insert_head")
    assert of(changed, "encoder.encoder")
    norm = "infiller_head.predictions.transform.LayerNorm.weight"
    assert weights(path.parent.parent / "initial")[norm].mean() == pytest.approx(0.1)
    assert weights(path.parent / "best")[norm].mean() > 0.9
    history = json.loads((path.parent / "history.json").read_text())
    assert {entry["eval_planner_f"] for entry in history if "eval_planner_f" in entry} == {0.0}
    logged = {key for entry in history for key in entry}
    assert {"loss_infill", "loss_aux"} <= logged
    assert not {"loss_operation", "loss_insert", "loss_tag"} & logged


def test_a_stage_with_counts_and_pairs(stage, counted, tmp_path):
    """Pairs and clean sentences, each scored by the counts of the other folds; the counts come with the result."""
    pairs = [str(tmp_path / "pairs.parquet")]
    path = stage("counts", stage="planner_train", train_data=pairs, counts_of_folds=counted)
    result = train(path)
    assert result.returncode == 0, result.stderr
    assert (path.parent / "best" / "counts.npz").read_bytes() == (tmp_path / "initial" / "counts.npz").read_bytes()
    changed = of(moved(path), "counted")
    assert {"counted.replace.slope", "counted.insert.slope", "counted.delete.slope", "counted.planned"} <= changed


def test_stage_b_with_freeze_infiller_trains_no_infiller(stage):
    path = stage("b", stage="planner_train", freeze_infiller=True)
    assert train(path).returncode == 0
    changed = moved(path)
    assert not of(changed, "infiller_head") | of(changed, "encoder.embeddings") | of(changed, "slot_embedding")
    assert of(changed, "operation_head")
    assert of(changed, "encoder.encoder")


def test_stage_c_trains_everything_and_writes_what_it_promises(stage):
    path = stage("c")
    result = train(path)
    assert result.returncode == 0, result.stderr
    assert moved(path) == set(weights(path.parent.parent / "initial"))
    folder = path.parent
    names = {"config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json", "training_args.json"}
    assert names <= {file.name for file in (folder / "best").iterdir()}
    assert list((folder / "tensorboard").glob("events.*"))
    for word in ("Stage:", "Data:", "Training:", "Model:", "Output:", "Switches:", "New best", "Outputs of"):
        assert word in result.stderr
    log = (folder / "training.log").read_text(encoding="utf-8")
    assert "joint_finetune INFO step 10/10" in log
    assert "New best" in log
    history = json.loads((folder / "history.json").read_text())
    assert {"loss_operation", "loss_insert", "loss_infill", "loss_aux"} <= set(history[0])
    evaluated = [entry["step"] for entry in history if "eval_f0.5" in entry]
    assert evaluated == [4, 8, 10]
    assert Corrector.from_pretrained(folder / "best")("我今天去学校。").source == "我今天去学校。"
    assert read_thresholds(folder / "best")["insert"] == 0.5


def test_pairs_without_dev_say_that_nothing_is_selected(stage, tmp_path):
    path = stage("pairs", clean_data=None, train_data=[str(tmp_path / "pairs.parquet")], dev_data={})
    result = train(path)
    assert result.returncode == 0, result.stderr
    assert "nothing is selected, the last step is the result" in result.stderr
    assert json.loads((path.parent / "best" / "training_args.json").read_text())["chosen_by"] == "last step"


def test_no_epochs_pass_the_model_through(stage):
    path = stage("none", num_epochs=0)
    assert train(path).returncode == 0
    assert moved(path) == set()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_gpus": 64}, "num_gpus=64, but this machine has"),
        ({"fp16": True}, "fp16=true needs a GPU"),
        ({"stage": "stage_b"}, "stage 'stage_b'; expected one of infiller_pretrain"),
        ({"batch_sise": 3}, "unknown key batch_sise"),
        ({"resume_from": "nowhere"}, "no config.json and model.safetensors there"),
    ],
)
def test_bad_settings_end_with_one_error(stage, changes, message):
    result = train(stage("bad", **changes))
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_empty_training_set_is_named(stage, tmp_path):
    from gaprelm.data.tables import TEMPLATE, write_table

    write_table(tmp_path / "empty.parquet", [], TEMPLATE)
    result = train(stage("empty", clean_data=None, train_data=[str(tmp_path / "empty.parquet")]))
    assert result.returncode == 2
    assert "no pair to train on" in result.stderr


def test_frozen_parts_have_no_gradient(stage, make_model):
    model, _ = make_model()
    freeze(model, StageSettings.from_file(stage("x", stage="infiller_pretrain")))
    assert not any(p.requires_grad for p in model.operation_head.parameters())
    assert all(p.requires_grad for p in model.encoder.parameters())


def test_another_shape_or_vocabulary_is_refused(make_model, model_dir, tmp_path):
    other, vocabulary = make_model(max_insert_num=2)
    other.save_pretrained(tmp_path / "other")
    vocabulary.save(tmp_path / "other")
    with pytest.raises(CheckpointError, match=r"max_insert_num 2 there, 3 here\n  cure: set max_insert_num=2$"):
        check_same_shape(tmp_path / "other", model_dir)
    # Of a vocabulary with tokens that no character can have (docs/design/model.md): pretrained_model brings it.
    config = json.loads((model_dir / "config.json").read_text(encoding="utf-8"))
    more = config["encoder"]["vocab_size"] + 2
    config["encoder"]["vocab_size"] = more
    (tmp_path / "other" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(CheckpointError, match=rf"vocab_size {more} there, {more - 2} here\n  cure: .*pretrained_model"):
        check_same_shape(tmp_path / "other", model_dir)
    same = tmp_path / "same"
    GapReLMModel.from_pretrained(model_dir).save_pretrained(same)
    tokens = (model_dir / "vocab.txt").read_text(encoding="utf-8").split("\n")
    tokens[6], tokens[7] = tokens[7], tokens[6]
    (same / "vocab.txt").write_text("\n".join(tokens), encoding="utf-8")
    with pytest.raises(CheckpointError, match="another vocabulary: token 6"):
        check_same_shape(same, model_dir)
    with pytest.raises(ConfigurationError, match="resume_from"):
        check_same_shape(tmp_path / "nowhere", model_dir)


def test_fingerprints_see_what_is_computed(stage, tmp_path):
    def of_run(world_size=1, **changes):
        return fingerprint(StageSettings.from_file(stage("f", **changes)), world_size)

    first = of_run()
    assert of_run(save_steps=7, logging_steps=9, num_workers=1, experiment_name="other") == first
    for changes in (
        *({"learning_rate": 2e-3}, {"seed": 4}, {"enable_f2": True}, {"world_size": 2}, {"dev_data": {}}),
        *({"operating_point": "f2"}, {"dev_weights": {"dev": 2.0}}, {"repeats": {"x": 0}}),
        *({"ema_decay": 0.9}, {"lr_schedule": "wsd"}, {"max_seq_length": 16}),
    ):
        assert of_run(**changes) != first, changes
    vocabulary = tmp_path / "initial" / "vocab.txt"
    text = vocabulary.read_text(encoding="utf-8")
    vocabulary.write_text(text + "鑫\n", encoding="utf-8")
    assert of_run() != first
    vocabulary.write_text(text, encoding="utf-8")
    assert of_run() == first
    (tmp_path / "initial" / "config.json").write_text("{}")
    assert of_run() != first


def test_one_process_takes_one_gpu(stage, monkeypatch):
    # Where several are visible, the Trainer would take nn.DataParallel.
    class SeveralVisible(TrainingArguments):
        def __post_init__(self):
            super().__post_init__()
            self._n_gpu = 4

    monkeypatch.setattr("gaprelm.training.trainer.TrainingArguments", SeveralVisible)
    assert training_arguments(StageSettings.from_file(stage("g")), "x", has_dev=False).n_gpu == 1


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("linear", [0.0, 0.5, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]),
        ("constant", [0.0, 0.5, *[1.0] * 8]),
        ("wsd", [0.0, 0.5, *[1.0] * 7, 0.5]),
    ],
)
def test_schedules_of_the_learning_rate(stage, schedule, rates):
    path = stage(schedule, lr_schedule=schedule, warmup_ratio=0.2, learning_rate=1.0e-3, dev_data={})
    result = train(path)
    assert result.returncode == 0, result.stderr
    history = json.loads((path.parent / "history.json").read_text())
    assert [entry["learning_rate"] * 1e3 for entry in history if "learning_rate" in entry] == pytest.approx(rates)


def test_a_stage_may_leave_long_examples_out(stage, tmp_path):
    longest = min(map(len, SENTENCES)) + 4
    model = GapReLMModel.from_pretrained(stage("x").parent.parent / "initial")
    vocabulary = CharacterVocabulary.from_file(tmp_path / "initial" / "vocab.txt")
    pairs = {"clean_data": None, "train_data": [str(tmp_path / "pairs.parquet")]}
    for name, changes in {"clean": {}, "pairs": pairs}.items():
        sizes = []
        for limit in (None, longest):
            settings = StageSettings.from_file(stage(name, **changes, max_seq_length=limit))
            examples = training_examples(settings, model, vocabulary, tmp_path / f"{name}{limit}", write=True)
            sizes.append(len(examples))
            # With errors too no example is longer.
            lengths = [len(examples[0, index].source_ids) + 2 for index in range(len(examples))]
            assert (max(lengths) <= longest) == (limit == longest)
            assert settings.label_rules(model).max_seq_length == 32
        assert 0 < sizes[1] < sizes[0], name


def test_one_writer_at_a_time(tmp_path):
    import os

    held = lock(tmp_path)
    with pytest.raises(CheckpointError, match=f"written by process {os.getpid()}"):
        lock(tmp_path)
    held.close()
    lock(tmp_path).close()


def test_half_written_checkpoints_are_removed(tmp_path):
    for step in (2, 10):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        for name in ("config.json", "model.safetensors", "optimizer.pt", "scheduler.pt", "trainer_state.json"):
            (folder / name).write_text("{}")
    mark_complete(tmp_path / "checkpoint-2")
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-2"
    assert not (tmp_path / "checkpoint-10").exists()


def test_errors_are_of_one_family():
    assert issubclass(InputError, GapReLMError)


def test_the_benchmark_trains_as_stages_do(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    benchmark = runpy.run_path(str(ROOT / "benchmarks" / "training.py"))
    arguments = training_arguments(benchmark["settings"]("fp32", False), str(tmp_path), has_dev=False)
    assert arguments.per_device_train_batch_size == benchmark["BATCH"]


def test_each_stage_draws_its_own_order_and_masks(stage):
    def seeds(seed: int) -> list[int]:
        return [StageSettings.from_file(stage("f", stage=name, seed=seed)).stage_seed for name in STAGES]

    # Seeds of any size: numpy's own generators take 32 bits.
    first, other = seeds(3), seeds(2**40)
    assert len({*first, *other}) == 6
    assert all(seed < 2**32 for seed in first + other)
    assert seeds(3) == first


@pytest.mark.parametrize(("amx", "bf16"), [(True, True), (False, False)])
def test_auto_takes_bf16_on_cpus_only_where_it_is_faster(stage, monkeypatch, amx, bf16):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert StageSettings.from_file(stage("auto", bf16="auto")).use_bf16 is bf16
    assert StageSettings.from_file(stage("forced", bf16=True)).use_bf16
