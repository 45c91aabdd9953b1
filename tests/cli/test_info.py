"""``gaprelm info``: what a checkpoint says of itself, without loading it."""

import json
import subprocess
import sys

import pytest

from gaprelm import __version__
from gaprelm.cli import main as cli
from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel
from gaprelm.data.sources import Source
from gaprelm.errors import run_command
from gaprelm.model.description import describe
from gaprelm.model.initial import initial_model
from gaprelm.textio import file_hash
from tests.conftest import edit_json, saved
from tests.counts.conftest import PAIRS, TEXTS

# As the workflow writes them.
SOURCES = [Source("a.tsv", "parallel").as_dict(), Source("c.txt", "clean").as_dict()]


@pytest.fixture
def run_dir(model_dir):
    """A checkpoint as a run leaves it: with what it was trained on, its stages, its thresholds."""
    weights = file_hash(model_dir / "model.safetensors")
    dev = {"precision": 0.5, "recall": 0.25, "f0.5": 0.4167, "f1": 0.3333, "f2": 0.2778, "tp": 1}
    files = {
        "calibration.json": {
            "weights_sha256": weights,
            "default": "f1",
            "dev_sentences": 40,
            "signature": "metric:cherrant",
            "operating_points": {"f1": {"thresholds": {"replace": 0.6, "insert": 0.7, "delete": 0.8}, "dev": dev}},
        },
        "training_args.json": {
            "stage": "joint_finetune",
            "step": 30,
            "chosen_by": "f1",
            "metrics": {"eval_f1": 0.3},
            "settings": {"num_epochs": 2, "batch_size": 8, "initial_model": "elsewhere/first", "learning_rate": 0.001},
        },
        "../first/training_args.json": {"stage": "planner_train", "settings": {"initial_model": None}},
        "../data/summary.json": {
            "train": {"normalized": {"sources": SOURCES, "sentences": 100, "with_error": 50}},
            "dev": {"normalized": {"files": "b.tsv", "format": "m2", "sentences": 9, "with_error": 9}},
            "errors": "none",
        },
    }
    for name, content in files.items():
        path = model_dir / name
        path.resolve().parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return model_dir


def test_json(run_dir, capsys):
    assert cli.main(["info", "--json", str(run_dir)]) == 0
    facts = json.loads(capsys.readouterr().out)
    keys = ("directory", "encoder", "weights", "counts", "switches", "stages", "data", "calibration", "versions")
    assert set(facts) == {*keys}
    assert facts["counts"] is None
    assert facts["encoder"]["hidden_size"] == 32
    assert facts["switches"]["max_insert_num"] == 3
    assert facts["switches"]["template"] == "sparse"
    assert "encoder" not in facts["switches"]
    assert [stage["stage"] for stage in facts["stages"]] == ["planner_train", "joint_finetune"]
    assert facts["stages"][1]["metrics"] == {"f1": 0.3}
    assert facts["data"] == {
        "train": {"files": ["a.tsv", "c.txt"], "format": "clean, parallel", "sentences": 100, "with_error": 50},
        "dev": {"files": "b.tsv", "format": "m2", "sentences": 9, "with_error": 9},
    }
    point = facts["calibration"]["operating_points"]["f1"]
    assert point["thresholds"] == {"replace": 0.6, "insert": 0.7, "delete": 0.8}
    assert point["dev"] == {"precision": 0.5, "recall": 0.25, "f0.5": 0.4167, "f1": 0.3333, "f2": 0.2778}
    assert facts["versions"]["gaprelm"] == __version__


def test_text(run_dir, capsys):
    assert cli.main(["info", str(run_dir)]) == 0
    out = capsys.readouterr().out
    assert "encoder    BERT, 2 layers x 32, 2 heads" in out
    assert "stage      joint_finetune: 2 epochs, batch 8, learning rate 0.001, seed –; step 30 chosen by f1" in out
    assert "data       train: 100 sentences, clean, parallel, a.tsv, c.txt" in out
    assert "f1 (default)   0.6000  0.7000  0.8000     0.5000  0.2500  0.4167  0.3333  0.2778" in out


def test_the_weights_are_counted(model_dir):
    from gaprelm.model.modeling import GapReLMModel

    model = GapReLMModel.from_pretrained(model_dir)
    facts = describe(model_dir)
    assert facts["weights"]["parameters"] == sum(p.numel() for p in model.parameters())
    assert facts["weights"]["sha256"] == file_hash(model_dir / "model.safetensors")


def test_a_bare_checkpoint(model_dir, capsys):
    assert cli.main(["info", str(model_dir)]) == 0
    out = capsys.readouterr().out
    for words in ("stage      unknown", "data       unknown", "thresholds not calibrated"):
        assert words in out


def test_a_calibration_of_other_weights_is_a_warning(run_dir, caplog):
    path = run_dir / "calibration.json"
    path.write_text(path.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    assert cli.main(["info", str(run_dir)]) == 1
    assert "belongs to other weights" in caplog.text


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.safetensors", b"\0" * 99, "model.safetensors is damaged"),
        ("config.json", b"{", "config.json is not JSON"),
        ("training_args.json", b"{", "training_args.json is not JSON"),
        ("calibration.json", b"{}", "calibration.json: found dict {}"),
    ],
)
def test_damage_is_named(model_dir, capsys, name, content, message):
    (model_dir / name).write_bytes(content)
    assert run_command(lambda: cli.main(["info", str(model_dir)])) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("config.json", {"encoder": None}),
        ("training_args.json", {"settings": None}),
        ("training_args.json", {"metrics": {"eval_f1": None}, "step": None}),
        ("training_args.json", {"metrics": [1], "settings": {"initial_model": 3}}),
    ],
)
def test_what_a_checkpoint_does_not_say_is_a_dash(run_dir, capsys, name, changes):
    path = run_dir / name
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    assert cli.main(["info", str(run_dir)]) == 0
    out = capsys.readouterr().out
    assert "–" in out
    assert "None" not in out


EVIL = "\x1b]0;owned\x07\x9b31m\u202e\ud800 a\nstage      forged"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_what_strangers_wrote_does_not_steer_the_terminal(run_dir, capsys, options):
    edit_json(
        run_dir / "training_args.json",
        stage=EVIL,
        step=[EVIL],
        chosen_by={EVIL: EVIL},
        metrics={EVIL: EVIL, "eval_x": 10**400, "eval_y": float("inf")},
        settings={"seed": EVIL, "num_epochs": [[[]]], "initial_model": "n" * 5000},
    )
    table = {"normalized": {"files": EVIL, "sentences": EVIL, "format": [EVIL]}}
    odd = {"normalized": {"sources": [EVIL, {"path": [EVIL], "format": EVIL}, {"format": [[]]}]}}
    edit_json(
        run_dir / ".." / "data" / "summary.json", **{EVIL: table, "x": {"normalized": {"files": [EVIL, 3]}}, "y": odd}
    )
    edit_json(run_dir / "config.json", transformers_version=EVIL)
    dev = {"precision": EVIL, "recall": 10**400, "f1": True, "f2": [EVIL]}
    point = {"thresholds": {"replace": 0.5}, "dev": dev}
    edit_json(
        run_dir / "calibration.json", dev_sentences=EVIL, signature=EVIL, default=EVIL, operating_points={EVIL: point}
    )
    assert cli.main(["info", *options, str(run_dir)]) == 0
    out = capsys.readouterr().out
    assert not [character for character in out if not character.isprintable() and character != "\n"]
    out.encode()
    assert "\nstage      forged" not in out
    assert "\\u001b]0;owned\\u0007" in out


def test_errors_do_not_steer_the_terminal_either(run_dir, capsys):
    edit_json(run_dir / "config.json", model_type=EVIL)
    (run_dir / "config.json").rename(run_dir / "\x1b[31mconfig")
    assert run_command(lambda: cli.main(["info", str(run_dir / "\x1b[31mconfig")])) == 2
    assert "\\u001b[31mconfig: is not a directory" in capsys.readouterr().err


@pytest.mark.parametrize("place", [".", "link"])
def test_a_dot_and_a_link_are_the_directory(run_dir, tmp_path, monkeypatch, place):
    expected = describe(run_dir)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link").symlink_to(run_dir)
    monkeypatch.chdir(run_dir if place == "." else tmp_path / "elsewhere")
    found = describe(place)
    assert found["data"] is not None
    assert len(found["stages"]) == 2
    assert found | {"directory": ""} == expected | {"directory": ""}


def test_a_link_beside_the_data_is_as_good_as_the_directory(run_dir, tmp_path):
    expected = describe(run_dir)
    store = tmp_path / "store"
    store.mkdir()
    run_dir.rename(store / "model")
    run_dir.symlink_to(store / "model")
    assert describe(run_dir) == expected


def test_it_starts_at_once(model_dir):
    code = (
        "import sys, gaprelm.cli.main; gaprelm.cli.main.main(sys.argv[1:]);"
        "sys.stderr.write(str({'torch', 'transformers', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, "info", model_dir], capture_output=True, text=True, check=True)
    assert done.stderr == "set()"


def test_counts_are_told(tmp_path, capsys):
    counts = CountModel.build(TEXTS, ErrorCounts.from_pairs(PAIRS))
    switches = {"max_insert_num": 3, "max_seq_length": 32, "enable_counts": True}
    model, vocabulary = initial_model(
        "tiny", switches, {"layers": 1, "hidden_size": 16, "heads": 2}, 0.0, 1, TEXTS, counts
    )
    saved(model, vocabulary, tmp_path / "model")
    assert cli.main(["info", str(tmp_path / "model")]) == 0
    assert f"counts     n-grams of up to 3 of {len(counts.alphabet) - 1} characters, " in capsys.readouterr().out
