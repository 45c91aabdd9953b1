"""The real thing: what a run leaves behind, what a change reruns, what is refused before anything starts."""

import contextlib
import hashlib
import http.server
import json
import re
import subprocess
import sys
import threading
from functools import partial

import pandas as pd
import pytest
import yaml

from gaprelm import Corrector
from gaprelm.cli import main as cli
from gaprelm.data.tables import read_scored_sentences
from gaprelm.edits.labels import Labels, labels_to_target
from gaprelm.model.checkpoint import trained_weights_hash
from tests.conftest import ROOT

pytestmark = pytest.mark.workflow
SMOKE = ("--configfile", "configs/smoke.yaml")
AFTER_C = {"train_joint", "calibrate", "evaluate", "report_training", "report_thresholds", "report_results"}
AFTER_B = AFTER_C | {"train_planner"}
EVERY_STAGE = AFTER_B | {"train_infiller"}


def planned(project, *arguments):
    """Rules that a dry run would run."""
    result = project.snakemake("--cores", "2", "-n", *arguments)
    output = result.stdout + result.stderr
    assert result.returncode == 0, output[-3000:]
    if "Nothing to be done" in output:
        return set()
    table = output.split("Job stats:", 1)[1].split("total", 1)[0]
    return set(re.findall(r"^(\w+) +\d+$", table, re.MULTILINE)) - {"all"}


def test_outputs(finished):
    out = finished.folder / "outputs" / "smoke"
    for stage in "abc":
        names = {path.name for path in (out / f"best_stage_{stage}").iterdir()}
        assert {"config.json", "model.safetensors", "vocab.txt", "training_args.json"} <= names
    effective = yaml.safe_load((out / "config.yaml").read_text(encoding="utf-8"))
    assert effective["experiment_name"] == "smoke"
    assert effective["batch_size"] == 16
    assert "joint_finetune INFO New best" in (out / "training.log").read_text(encoding="utf-8")
    assert list((out / "tensorboard" / "planner_train").glob("events.*"))
    summary = json.loads((out / "data" / "summary.json").read_text(encoding="utf-8"))
    assert summary["clean"]["normalized"]["sentences"] == summary["clean"]["filtered"]["kept"] == 320
    assert summary["dev"]["aligned"]["pairs"] == 40


def test_train_dev_and_test_share_no_sentence(finished):
    folder = finished.folder / "outputs" / "smoke" / "data" / "sample"
    splits = [
        set((folder / f"{name}.txt").read_text(encoding="utf-8").split("\n")) - {""}
        for name in ("train", "dev", "test")
    ]
    assert not splits[0] & splits[1]
    assert not splits[0] & splits[2]
    assert not splits[1] & splits[2]


def test_template_files_hold_the_identity(finished):
    frame = pd.read_parquet(finished.folder / "outputs/smoke/data/template/test_sample.parquet")
    assert len(frame)
    for row in frame.itertuples():
        assert labels_to_target(row.source, Labels(row.operations, row.insert_counts, row.answers)) == row.target


def test_metrics_and_calibration(finished):
    out = finished.folder / "outputs" / "smoke"
    metrics = json.loads((out / "evaluation" / "sample.metrics.json").read_text(encoding="utf-8"))
    calibration = json.loads((out / "best_stage_c" / "calibration.json").read_text(encoding="utf-8"))
    assert metrics["operating_point"]["name"] == calibration["default"] == "f0.5"
    assert metrics["operating_point"]["thresholds"] == calibration["operating_points"]["f0.5"]["thresholds"]
    assert calibration["weights_sha256"] == trained_weights_hash(out / "best_stage_c")
    assert set(metrics["edits"]["by_type"]) == {"M", "R", "S", "W"}
    corrector = Corrector.from_pretrained(out / "best_stage_c", device="cpu")
    for line in (out / "evaluation" / "sample.hyp.tsv").read_text(encoding="utf-8").splitlines()[:10]:
        _, source, hypothesis = line.split("\t")
        assert corrector(source).target == hypothesis


def test_the_command_line_gives_the_scores_of_the_workflow(finished, tmp_path, capsys):
    out = finished.folder / "outputs" / "smoke"
    references = tmp_path / "refs.tsv"
    rows = [(s.id, s.source, *s.references) for s in read_scored_sentences(out / "data/aligned/test_sample.parquet")]
    references.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    files = ["--references", str(references), "--hypotheses", str(out / "evaluation" / "sample.hyp.tsv"), "--json"]
    metrics = json.loads((out / "evaluation" / "sample.metrics.json").read_text(encoding="utf-8"))
    assert cli.main(["score", "cherrant", *files]) == 0
    edits = json.loads(capsys.readouterr().out)
    assert edits["signature"] == metrics["signature"]
    assert edits["f"] == metrics["edits"]["f0.5"]
    for key in ("tp", "fp", "fn", "precision", "recall"):
        assert edits[key] == metrics["edits"][key]
    for definition, key in (("official", "sighan"), ("sentence", "sentences"), ("character", "characters")):
        assert cli.main(["score", "sighan", *files, "--definition", definition]) == 0
        scores = json.loads(capsys.readouterr().out)
        assert {name: scores[name] for name in metrics[key]} == metrics[key]


def test_report_holds_tables_and_figures(finished):
    report = (finished.folder / "report.html").read_text(encoding="utf-8")
    for name in ("data_summary.html", "training_curves.svg", "precision_recall.svg", "results.html", "examples.html"):
        assert name in report
    examples = (finished.folder / "outputs/smoke/report/examples.html").read_text(encoding="utf-8")
    assert examples.count("<tr>") == 30
    results = (finished.folder / "outputs/smoke/report/results.html").read_text(encoding="utf-8")
    for text in ("S, substituted", "SIGHAN 2015 scorer", "metric:cherrant|granularity:char|", "metric:spelling|level:"):
        assert text in results
    assert 'class="missed"' in examples


def test_a_finished_run_has_nothing_to_do(finished):
    assert planned(finished, *SMOKE) == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        # one key of one stage
        ("configs/smoke.yaml", "planner_train: {", "planner_train: {learning_rate: 1.0e-4, ", AFTER_B),
        ("configs/smoke.yaml", "joint_finetune: {", "joint_finetune: {batch_size: 8, ", AFTER_C),
        ("configs/smoke.yaml", "joint_finetune: {", "joint_finetune: {ema_decay: 0.9, ", AFTER_C),
        ("configs/smoke.yaml", "planner_train: {", "planner_train: {max_seq_length: 32, ", AFTER_B),
        (
            "config.yaml",
            "\ninsert_threshold: null",
            "\ninsert_threshold: 0.9",
            AFTER_C - {"train_joint", "report_training"},
        ),
        # keys that decide nothing
        ("configs/smoke.yaml", "save_steps: 5", "save_steps: 6", set()),
        ("config.yaml", "\ndata_mirror: null", "\ndata_mirror: elsewhere", set()),
        # modules
        ("gaprelm/model/modeling.py", "nn.Dropout(", "nn.Dropout(0 + ", EVERY_STAGE | {"initial_model"}),
        (
            "gaprelm/correction/corrector.py",
            "window: int = 1024",
            "window: int = 512",
            {"calibrate", "evaluate", "report_thresholds", "report_results"},
        ),
        ("gaprelm/cli/model_options.py", "default=32", "default=64", set()),
        # comments
        ("gaprelm/model/modeling.py", "import torch\n", "import torch  # tensors\n", set()),
        ("workflow_scripts/align.py", "import logging\n", "import logging\n\n# a comment\n", set()),
    ],
)
def test_only_what_depends_on_a_change_runs_again(finished, name, old, new, expected):
    finished.edit(name, old, new)
    try:
        assert planned(finished, *SMOKE) == expected
    finally:
        finished.edit(name, new, old)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("batch_sise=3", "unknown configuration key batch_sise"),
        ("train_file=nothing.tsv", "nothing.tsv: no such file"),
        ("data_format=xml", "data_format='xml'; expected one of"),
        ("fp16=true", "fp16=true needs a GPU"),
        ("num_gpus=64", "num_gpus=64, but this machine has"),
        ("num_nodes=2", "num_nodes=2 needs a cluster"),
        ("scoring_resources=nowhere", "fetch both with: gaprelm resources nowhere"),
        ("resume_from=nowhere", "no config.json and model.safetensors in nowhere"),
    ],
)
def test_bad_configuration_is_one_error_before_anything_runs(project, config, message):
    result = project.snakemake("--cores", "2", "train_joint", "--config", config)
    assert result.returncode != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) < 12, result.stderr
    assert not (project.folder / "outputs").exists()


def test_where_the_home_cannot_be_written_another_folder_serves(project, tmp_path, monkeypatch):
    """The cure that docs/train/scaling.md names; without it Snakemake ends with a traceback."""
    assert "export XDG_CACHE_HOME=" in (ROOT / "docs" / "train" / "scaling.md").read_text(encoding="utf-8")
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project.warm = False
    run = project.snakemake("-n", "--cores", "1", "sample")
    assert run.returncode == 0, run.stderr[-2000:]


def test_a_machine_without_the_gpus_is_refused_under_jobs_too(project):
    """With --jobs the executor is known only when the plan is made; still before anything runs."""
    result = project.snakemake("--jobs", "2", "train_joint", "--config", "num_gpus=64")
    assert result.returncode != 0
    assert "num_gpus=64, but this machine has" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (project.folder / "outputs").exists()


def test_a_bad_record_is_named(project):
    (project.folder / "a.tsv").write_text("我再家\t我在家\n没有第二列\n", encoding="utf-8")
    result = project.snakemake("--cores", "2", "train_joint", "--config", "train_file=a.tsv")
    assert result.returncode != 0
    assert "a.tsv:2: found 1 column; expected 2 columns: source TAB target" in result.stdout + result.stderr


def test_own_pairs_without_dev_train_and_say_so(project):
    pairs = [
        ("我再家看书。", "我在家看书。"),
        ("天气很泠。", "天气很冷。"),
        ("他去学学校。", "他去学校。"),
        ("今天雨。", "今天下雨。"),
    ]
    (project.folder / "a.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in pairs * 10), encoding="utf-8")
    result = project.snakemake(
        *("--cores", "2", *SMOKE, "--config", "train_file=a.tsv", "experiment_name=own", "num_processes=1"),
        # The same pairs again and again, and in training and test alike, which cleaning would not have.
        *("test_files=a.tsv:parallel", "decontaminate=none", "drop_duplicates=false"),
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, output[-4000:]
    assert "nothing is selected, the last step is the result" in output
    out = project.folder / "outputs" / "own"
    assert json.loads((out / "best_stage_c" / "calibration.json").read_text())["dev_sentences"] == 0
    assert json.loads((out / "evaluation" / "a.metrics.json").read_text())["sentences"]["sentences"] == 40
    # go on from the result, in another experiment, stage C alone
    again = planned(
        project,
        *("train_joint", *SMOKE, "--config", "train_file=a.tsv", "experiment_name=more", "num_processes=1"),
        "resume_from=outputs/own/best_stage_c",
    )
    assert again >= {"initial_model", "train_joint"}
    assert not again & {"train_infiller", "train_planner"}


def test_stages_with_data_of_their_own_and_two_dev_sets(project):
    pairs = [("我再家看书。", "我在家看书。"), ("天气很泠。", "天气很冷。"), ("他去学学校。", "他去学校。")]
    lines = [f"{n}{s}\t{n}{t}\n" for n in range(12) for s, t in pairs]
    (project.folder / "train.tsv").write_text("".join(lines), encoding="utf-8")
    (project.folder / "dev.tsv").write_text("请把们关上。\t请把门关上。\n", encoding="utf-8")
    (project.folder / "text.txt").write_text("今天下雨了。\n她喜欢听音乐。\n", encoding="utf-8")
    once = {"infiller_pretrain": 0, "joint_finetune": 2}
    train = {"path": "train.tsv", "format": "parallel", "references_as_clean": True, "repeat": once}
    text = {"path": "text.txt", "format": "clean"}
    config = {
        "experiment_name": "own",
        "num_processes": 1,
        "datasets": [train, text],
        "dev_file": {"real": {"path": "dev.tsv", "format": "parallel", "weight": 3}, "made": text | {"part": "1/2"}},
        "decontaminate": "none",
        "eval_steps": 1,
        "ema_decay": 0.9,
    }
    (project.folder / "mine.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    result = project.snakemake("--cores", "2", *SMOKE, "mine.yaml")
    assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
    out = project.folder / "outputs" / "own"
    log = (out / "training.log").read_text(encoding="utf-8")
    # 36 pairs, 36 references and two sentences of plain text: none of the first two in stage A, twice in stage C.
    assert re.findall(r"train (\d+) examples", log) == ["2", "74", "146"]
    calibration = json.loads((out / "best_stage_c" / "calibration.json").read_text(encoding="utf-8"))
    assert set(calibration["operating_points"]["f0.5"]["dev"]["sets"]) == {"dev_made", "dev_real"}
    assert calibration["dev_sentences"] == 2
    history = json.loads((out / "history" / "joint_finetune.json").read_text(encoding="utf-8"))
    assert any("eval_dev_real_f0.5" in entry for entry in history)


@contextlib.contextmanager
def serve(folder):
    """A web server on the loopback address."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def test_by_default_the_shipped_model_is_trained_on(project):
    """On the embedded sample: what it scores before and after stands side by side."""
    own = {
        "experiment_name": "mine",
        "sample": {"limit": 150, "test_share": 0.4},
        "stages": {"joint_finetune": {"num_epochs": 1}},
    }
    (project.folder / "mine.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    run = project.snakemake("--cores", "2", "--configfile", "mine.yaml")
    assert run.returncode == 0, run.stderr[-3000:]
    out = project.folder / "outputs" / "mine"
    before, after = (json.loads(path.read_text()) for path in sorted(out.rglob("sample.metrics.json"), reverse=True))
    assert before["edits"]["tp"] > 0, "it corrects as it comes"
    assert before["operating_point"] != after["operating_point"]
    assert "sample, before training" in (out / "report" / "results.html").read_text(encoding="utf-8")
    closing = subprocess.run(
        [sys.executable, ROOT / "workflow_scripts" / "closing.py", "--experiment", out], capture_output=True, text=True
    )
    assert "Test set sample, before training: P " in closing.stdout


def test_downloads_are_checked(project, tmp_path):
    content = "我再家\t我在家\n".encode()
    (tmp_path / "pairs.tsv").write_bytes(content)
    settings = {"sha256": hashlib.sha256(content).hexdigest()}
    with serve(tmp_path) as address:
        for sum_, ok in ((settings["sha256"], True), ("0" * 64, False)):
            downloads = {"pairs.tsv": {"url": f"{address}/pairs.tsv", "sha256": sum_}}
            config = {"train_file": "downloads/pairs.tsv", "downloads": downloads}
            (project.folder / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
            (project.folder / "downloads" / "pairs.tsv").unlink(missing_ok=True)
            result = project.snakemake(
                *("downloads/pairs.tsv", "--cores", "2", "--retries", "0", "--forcerun", "download"),
                *("--configfile", "mine.yaml"),
            )
            assert (result.returncode == 0) is ok, result.stderr[-2000:]
            if ok:
                assert (project.folder / "downloads" / "pairs.tsv").read_bytes() == content
            else:
                assert "expected " + "0" * 64 in result.stdout + result.stderr
                assert not (project.folder / "downloads" / "pairs.tsv").exists()
