"""The README keeps its promises: its commands run, and both languages have the same ones."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.workflow.test_workflow import planned

pytestmark = pytest.mark.workflow


def blocks(name, language):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(name):
    """The shell commands, each on one line, without their comments."""
    lines = [
        line.split("    # ")[0].split("   # ")[0].strip()
        for block in blocks(name, "bash")
        for line in re.sub(r"\s*\\\n\s*", " ", block).splitlines()
    ]
    return [line for line in lines if line]


def test_both_languages_have_the_same_commands():
    assert commands("README.md") == commands("README.zh-CN.md")
    assert blocks("README.md", "python") == blocks("README.zh-CN.md", "python")


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in commands("README.md"):
        if command.startswith("make "):
            assert re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE)


def test_mentioned_files_exist():
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        for path in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text(encoding="utf-8")):
            assert (ROOT / path).exists(), f"{name}: {path}"
        for path in re.findall(
            r"`(configs/\w+\.yaml|gaprelm/[\w/]+(?:\.py)?)`", (ROOT / name).read_text(encoding="utf-8")
        ):
            assert (ROOT / path).exists(), f"{name}: {path}"


@pytest.mark.parametrize(
    ("arguments", "rules"),
    [
        (["--configfile", "configs/sighan.yaml"], {"download", "train_joint", "evaluate"}),
        (
            ["--configfile", "configs/mucgec.yaml", "--config", "train_file=a.tsv"],
            {"download", "scoring_resources", "calibrate", "evaluate"},
        ),
        (["train_infiller"], {"train_infiller"}),
        (["ablations"], {"ablation", "ablations"}),
        (["--profile", "profiles/local"], {"train_joint", "evaluate"}),
        (["train_planner"], {"train_planner"}),
        (["train_joint", "--config", "enable_gap=false", "template=full"], {"train_joint"}),
    ],
)
def test_presets_and_other_targets_can_be_planned(project, arguments, rules):
    (project.folder / "a.tsv").write_text("我再家\t我在家\n", encoding="utf-8")
    more = ["num_gpus=0"] if "--config" in arguments else ["--config", "num_gpus=0"]
    assert planned(project, *arguments, *more) >= rules


def served(command, folder, environment):
    """Start a service, end it once it serves; its exit code."""
    run = ["bash", "-c", f"exec {command}"]
    with subprocess.Popen(run, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "serving at" in line:
                process.terminate()
    return process.returncode


def test_every_command_runs(finished):
    """In the order of the README, on small data, with the tiny model in place of pretrained ones and GPUs."""
    folder = finished.folder
    demo = folder / "outputs" / "demo"
    if not demo.exists():
        demo.symlink_to(folder / "outputs" / "smoke")
    (folder / "text.txt").write_text("我再家看书。\n\n今天下雨了。\n", encoding="utf-8")
    for name in ("dev.tsv", "test.tsv"):
        (folder / name).write_text("天气很泠。\t天气很冷。\n我在家。\t我在家。\n" * 5, encoding="utf-8")
    # The commands themselves start as for users, the steps of the workflow are warm.
    environment = finished.environment(True)
    ran = 0
    for command in commands("README.md"):
        if command.startswith("make "):
            continue  # what runs this test
        if command.startswith("gaprelm serve"):
            assert served(f"{command} --port 0", folder, environment) == 0
            continue
        command = command.replace("hfl/chinese-macbert-base", "tiny").replace("num_gpus=1", "num_gpus=0")
        if command.startswith("snakemake"):
            # few steps, not another meaning: every key of the command stays
            command += " num_epochs=1 num_processes=1" if "--config " in command else ""
            command = command.replace("snakemake ", "snakemake --configfile short.yaml ", 1)
            (folder / "short.yaml").write_text(
                "tiny: {layers: 1, hidden_size: 32, heads: 2}\n"
                "stages:\n  infiller_pretrain: {num_epochs: 1}\n  planner_train: {num_epochs: 1}\n"
                "  joint_finetune: {num_epochs: 1}\n",
                encoding="utf-8",
            )
        result = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert result.returncode == 0, f"{command}\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}"
        ran += 1
    assert ran >= 7
    assert (folder / "corrected.txt").read_text(encoding="utf-8").count("\n") == 3
    assert (folder / "report.html").stat().st_size > 1_000_000
    for block in blocks("README.md", "python"):
        result = subprocess.run(
            [sys.executable, "-c", block], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
