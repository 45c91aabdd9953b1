"""No value of the configuration is read as shell text: blanks, quotes and commands in every path, through the chain."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess

import pytest
import yaml

from gaprelm.noise.statistics import fit
from gaprelm.scoring.cherrant.resources import CLASSES_FILE, CONFUSION_FILE
from tests.conftest import ROOT, SENTENCES

# Each part would be seen: a command leaves the file F, an unquoted blank or quote ends the path too early.
ODD = """出 'a "b; touch F; $(touch F) `touch F` $HOME & #*[c]?!\\ 😀 %s+:=,~"""
PAIRS = [
    ("我再家看书。", "我在家看书。"),
    ("天气很泠。", "天气很冷。"),
    ("他去学学校。", "他去学校。"),
    ("今天雨。", "今天下雨。"),
]
PROGRAMS = ("python", "torchrun", "srun")
READERS = {"normalize", "filter", "corrupt", "initial_model", "stage_file", "calibrate", "evaluate", "ablation"}
OTHER_SCRIPTS = ("arguments", "closing", "sample")


def odd(name: str) -> str:
    return f"{ODD}/{ODD} {name}"


def prepare(project, encoder=None) -> dict:
    """Files with odd names in the project's folder, and a configuration with one in every key that holds a path."""
    folder = project.folder / ODD
    folder.mkdir()
    pairs = "".join(f"{source}\t{target}\n" for source, target in PAIRS).encode()
    listed = "这句话在测试集里。\n".encode()
    contents = {
        "pairs.tsv": pairs * 3,
        "test.tsv": "请把们关上。\t请把门关上。\n".encode(),
        "clean.txt": "".join(f"{sentence}\n" for sentence in SENTENCES).encode(),
        "list.txt": "这句话也在。\n".encode(),
        "terms.txt": "图书馆\n".encode(),
        "confusions.tsv": "在\t再\n".encode(),
    }
    for name, content in contents.items():
        (project.folder / odd(name)).write_bytes(content)
    fit([(source, [target]) for source, target in PAIRS]).write(project.folder / odd("statistics.json"))
    for name, files in (
        ("mirror", {"list.txt": listed, CLASSES_FILE: b"", CONFUSION_FILE: b""}),
        ("resources", {CLASSES_FILE: "我\tA\ta\t02\n".encode(), CONFUSION_FILE: "己 已\n".encode()}),
    ):
        (project.folder / odd(name)).mkdir()
        for file, content in files.items():
            (project.folder / odd(name) / file).write_bytes(content)
    defaults = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    noise = defaults["noise"] | {
        "wrong": {"same_sound": 0.5, "near_sound": 0.3, "shape": 0.0, "confusions": 0.2},
        "confusions": odd("confusions.tsv"),
        "statistics": odd("statistics.json"),
        "statistics_share": 0.5,
        "protected_terms": odd("terms.txt"),
    }
    config = {
        "output_dir": f"{ODD}/out {ODD}",
        "experiment_name": "x",
        "datasets": [
            {"path": odd("pairs.tsv"), "format": "parallel"},
            {"path": [odd("clean.txt")], "format": "clean"},
        ],
        "dev_file": {"path": odd("clean.txt"), "format": "clean", "part": "1/2"},
        "test_files": {"t": {"path": odd("test.tsv"), "format": "auto"}},
        "decontaminate": "none",
        "decontaminate_with": {"path": ["downloads/list.txt", odd("list.txt")], "format": "clean"},
        "downloads": {
            "list.txt": {
                "url": f"https://example.invalid/{ODD}",
                "licence": ODD,
                "sha256": hashlib.sha256(listed).hexdigest(),
            }
        },
        "data_mirror": odd("mirror"),
        "scoring_resources": odd("resources"),
        "noise": noise,
        "tiny": {"layers": 1, "hidden_size": 32, "heads": 2},
        "num_epochs": 1,
        "batch_size": 64,
        "stages": {
            "infiller_pretrain": {"num_epochs": 1, "noise": {"protected_terms": odd("terms.txt")}},
            "planner_train": {"num_epochs": 1},
            "joint_finetune": {"num_epochs": 1},
        },
    }
    if encoder is not None:
        encoder.rename(project.folder / odd("encoder"))
        config |= {"pretrained_model": odd("encoder"), "max_seq_length": 32}
    (project.folder / "mine.yaml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return config


@pytest.mark.workflow
def test_the_chain_runs_with_odd_names_in_every_path(project, model_dir):
    """Training, thresholds, scores, report; then the joint stage again from its own result."""
    config = prepare(project, encoder=model_dir)
    files = ("--configfile", "mine.yaml")
    for arguments in (("--cores", "2", *files), (*files, "--report", "report.html")):
        run = project.snakemake(*arguments)
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    out = project.folder / config["output_dir"] / "x"
    calibration = json.loads((out / "best_stage_c" / "calibration.json").read_text(encoding="utf-8"))
    assert calibration["dev_sentences"] > 0
    metrics = json.loads((out / "evaluation" / "t.metrics.json").read_text(encoding="utf-8"))
    assert metrics["sentences"]["sentences"] == 1
    assert "resources:none" not in metrics["signature"]
    assert (project.folder / "report.html").stat().st_size > 100_000
    assert project.snakemake("--cores", "2", "-n", *files).stdout.count("Nothing to be done") == 1
    more = {"experiment_name": "more", "resume_from": f"joint_finetune:{out.relative_to(project.folder)}/best_stage_c"}
    (project.folder / "more.yaml").write_text(yaml.safe_dump(more, allow_unicode=True), encoding="utf-8")
    for target in ("train_joint", "clean_work"):
        run = project.snakemake("--cores", "2", target, *files, "more.yaml")
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    assert (out.parent / "more" / "best_stage_c" / "model.safetensors").is_file()
    assert not list(project.folder.rglob("F"))


def arguments_of(commands: list[str], folder) -> list[str]:
    """What the commands of rules hand to programs, which here do nothing."""
    stubs = "".join(f'{name}() {{ printf "%s\\0" "$@" >> "$SEEN"; }}\n' for name in PROGRAMS)
    # It runs beside the program whose output it reads; two that wrote at once would mix their arguments.
    stubs += 'tee() { cat > /dev/null; printf "%s\\0" "$@" >> "$SEEN"; }\n'
    seen = folder / "seen"
    for command in commands:
        text = f"set -euo pipefail\n{stubs}{command}\n"
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/home", "SEEN": str(seen)}
        run = subprocess.run(
            ["bash", "-c", text],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert run.returncode == 0, f"{command}\n{run.stderr.decode()}"
        assert not run.stderr, f"{command}\n{run.stderr.decode()}"
    return seen.read_text(encoding="utf-8").split("\0")


def test_no_command_of_any_rule_reads_a_value_as_shell_text(project, tmp_path):
    encoder = tmp_path / "encoder"
    encoder.mkdir()
    for name in ("config.json", "pytorch_model.bin", "vocab.txt"):
        (encoder / name).touch()
    prepare(project, encoder)
    targets = ("all", "ablations", "clean_work", "downloads/list.txt", f"downloads/cherrant/{CLASSES_FILE}")
    plan = project.snakemake("-n", "-p", "--cores", "2", *targets, "--configfile", "mine.yaml")
    assert plan.returncode == 0, plan.stdout[-3000:] + plan.stderr[-3000:]
    commands = re.findall(r"^ *Shell command: (?!None$)(.*)$", plan.stdout + plan.stderr, re.MULTILINE)
    planned = set(re.findall(r"workflow_scripts/(\w+)\.py", "".join(commands)))
    # Files that users bring are told by their content to all steps that read them.
    told = {re.search(r"workflow_scripts/(\w+)\.py", command)[1] for command in commands if '"contents": ' in command}
    assert told == READERS
    # The embedded sample is not used here; closing.py is called by make.
    assert planned == {path.stem for path in (ROOT / "workflow_scripts").glob("*.py")} - {*OTHER_SCRIPTS}
    arguments = arguments_of(commands, tmp_path)
    assert not (tmp_path / "F").exists()
    whole = {ODD, json.dumps(ODD, ensure_ascii=False)[1:-1]}
    found = [argument for argument in arguments if "😀" in argument]
    assert len(found) > 40
    for argument in found:
        assert sum(argument.count(text) for text in whole) == argument.count("😀"), argument


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*.smk")), ids=lambda path: path.stem)
def test_rules_quote_all_that_they_put_into_a_command(path):
    """Whatever stands in braces in a shell command ends in :q; the number of threads is Snakemake's own."""
    commands = re.findall(r"^ +shell:\n((?: {8,}.*\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    fields = [field for command in commands for field in re.findall(r"\{([^{}]*)\}", command)]
    assert commands or path.stem == "common"
    assert [field for field in fields if not field.endswith(":q") and field != "threads"] == []
