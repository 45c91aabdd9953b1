"""Without torch and the workflow's packages: correcting with an export, scoring, checking, generating errors work."""

import json
import re
import subprocess
import sys
import tomllib

import pytest

from gaprelm.cli.main import main
from gaprelm.extras import EXTRA_OF
from gaprelm.model.initial import initial_model
from gaprelm.textio import file_hash
from tests.conftest import ROOT, SENTENCES

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Import takes None for a package that is not there.
WITHOUT_EXTRAS = f"import sys; sys.modules.update(dict.fromkeys({sorted(EXTRA_OF)!r}, None))\n"
COMMAND = "from gaprelm.cli import main; sys.argv[0] = 'gaprelm'; sys.exit(main.entry())"


def run(code, *arguments, folder):
    """A new Python that has none of the packages of the extras."""
    command = [sys.executable, "-c", WITHOUT_EXTRAS + code, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint, its export, and files to work on."""
    folder = tmp_path_factory.mktemp("light")
    checkpoint = folder / "checkpoint"
    switches = {"max_insert_num": 3, "max_seq_length": 64, "proposal_threshold": 0.15, "template": "masks"}
    size = {"layers": 1, "hidden_size": 32, "heads": 2}
    model, vocabulary = initial_model("tiny", switches, size, 0.0, 1, SENTENCES)
    model.save_pretrained(checkpoint)
    vocabulary.save(checkpoint)
    point = {"thresholds": {"replace": 0.0, "insert": 1.0, "delete": 1.0}, "dev": None}
    calibration = {"weights_sha256": file_hash(checkpoint / "model.safetensors"), "default": "f1"}
    (checkpoint / "calibration.json").write_text(json.dumps(calibration | {"operating_points": {"f1": point}}))
    assert main(["export", "--model", str(checkpoint), "-o", str(folder / "onnx")]) == 0
    texts = {
        "text.txt": "".join(f"{sentence}\n" for sentence in SENTENCES),
        "references.tsv": "1\t我再家\t我在家\n2\t他好\t他很好\n",
        "hypotheses.txt": "我在家\n他好\n",
        "truth.txt": "1, 2, 在\n2, 0\n",
        "pairs.tsv": "我再家\t我在家\n他好\t他很好\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        ("score cherrant --references references.tsv --hypotheses hypotheses.txt", "metric:cherrant"),
        ("score sighan --truth truth.txt --results truth.txt", "metric:sighan"),
        ("m2 references.tsv", "T0-A0 我 在 家"),
        ("check pairs.tsv --test references.tsv", "pairs.tsv"),
        ("corrupt text.txt", "我"),
        ("noise fit pairs.tsv -o -", '"wrong"'),
        ("info checkpoint", "1 layers x 32"),
        ("correct --model onnx text.txt --format jsonl", '"source": "我今天去学校上课。"'),
    ],
)
def test_commands_that_need_no_extra(folder, arguments, output):
    result = run(COMMAND, *arguments.split(), folder=folder)
    assert result.returncode in (0, 1), result.stderr
    assert "not installed" not in result.stderr
    assert output in result.stdout


def test_python_needs_no_extra(folder):
    code = (
        "from gaprelm import Corrector, cherrant\n"
        "print(cherrant(['我再家'], ['我在家'], [['我在家']]).f)\n"
        "correction = Corrector.from_pretrained('onnx').correct('我今天去学校上课。')\n"
        "print(correction.source, len(correction.edits) > 0)\n"
    )
    result = run(code, folder=folder)
    assert result.stdout.splitlines() == ["1.0", "我今天去学校上课。 True"], result.stderr


@pytest.mark.parametrize(
    ("arguments", "module", "extra"),
    [
        ("correct --model checkpoint text.txt", "torch", "torch"),
        ("export --model checkpoint -o new", "torch", "torch"),
        ("serve --model onnx", "fastapi", "serve"),
        ("info some/model", "huggingface_hub", "torch"),
    ],
)
def test_a_missing_extra_is_one_message(folder, arguments, module, extra):
    result = run(COMMAND, *arguments.split(), folder=folder)
    assert result.returncode == 2
    assert re.search(
        rf"\Aerror: .*{module}.* is not installed\n  cure: .*pip install 'gaprelm\[{extra}\]'\n\Z", result.stderr
    )
    assert result.stdout == ""


def test_training_without_its_extra_is_one_message(folder):
    code = (
        "import runpy; sys.argv = ['training', 'stage.yaml']; runpy.run_module('gaprelm.training', run_name='__main__')"
    )
    result = run(code, folder=folder)
    assert (result.returncode, result.stderr) == (
        2,
        "error: pyarrow is not installed\n  cure: pip install 'gaprelm[train]'\n",
    )


def test_another_package_that_is_missing_is_a_fault(folder):
    result = run(
        "from gaprelm.errors import run_command; sys.exit(run_command(lambda: __import__('nothing')))", folder=folder
    )
    assert result.returncode == 70
    assert "ModuleNotFoundError: No module named 'nothing'" in result.stderr


def names(requirements):
    """Import names of requirements; those of the project itself are left out."""
    found = {re.match(r"[\w-]+", requirement)[0].replace("-", "_") for requirement in requirements}
    return found - {"gaprelm"}


def test_the_table_knows_the_packages_of_the_extras():
    extras = PROJECT["optional-dependencies"]
    for extra in set(EXTRA_OF.values()):
        assert names(extras[extra]) <= {module for module, of in EXTRA_OF.items() if of == extra}
    assert names(PROJECT["dependencies"]) & set(EXTRA_OF) == set()
    assert extras["export"] == ["gaprelm[torch]"]
