"""What the tests share: a tiny model, texts, and the folder of real data where there is one."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

# No test may reach a network, and none needs many threads.
os.environ.update({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"})

# A shell ignores Ctrl-C in what it starts in the background, and children inherit that; tests send it to theirs.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = [
    "我今天去学校上课。",
    "他在图书馆看书。",
    "妈妈做的饭很好吃！",
    "这个问题很难回答。",
    "我们明天一起去公园吧。",
    "天气越来越冷了。",
    "请把门关上。",
    "老师说我们要努力学习。",
    "她喜欢听音乐和跳舞。",
    "昨天晚上下了一场大雨。",
]


def _folder_beside(variable: str, name: str, what: str) -> Path:
    """A folder that lies beside some checkouts and is no part of the project; tests are skipped where it is not."""
    folder = Path(os.environ.get(variable, ROOT.parent / "shared" / name))
    if not folder.is_dir():
        pytest.skip(f"{what} not here (set {variable} to the folder)")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data in published formats."""
    return _folder_beside("GAPRELM_SHARED_DATA", "data", "real data are")


@pytest.fixture(scope="session")
def oracles() -> Path:
    """Output of the official scorers."""
    return _folder_beside("GAPRELM_ORACLES", "oracles", "the official scorers' output is")


# Files that take half a minute and more: the longest first, so that no worker has one left at the end.
LONGEST = (
    *("workflow/test_workflow.py", "workflow/test_data_steps.py", "workflow/test_killed.py"),
    *("training/test_interruption.py", "workflow/test_readme.py", "correction/backends/test_onnx.py"),
    *("training/test_resume.py", "workflow/test_quoting.py", "training/test_stage.py", "test_benchmarks.py"),
    *("training/test_averaging.py", "training/test_refusals.py", "workflow/test_ablations.py"),
    *("cli/test_resumable_output.py", "service/test_server.py", "scoring/test_oracles.py"),
)


def pytest_collection_modifyitems(items):
    """Start with the files that take longest; ``--no-loadscope-reorder`` lets the order be."""
    rank = {str(ROOT / "tests" / name): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(str(item.path), len(rank)))


@pytest.fixture
def make_model():
    """A function that builds a small random model and its vocabulary, with switches of ``GapReLMConfig``."""
    from gaprelm.model.initial import initial_model

    def make(**switches):
        defaults = {
            "max_insert_num": 3,
            "max_seq_length": 32,
            "encoder_passes": 1,
            "template": "sparse",
            "enable_insert": True,
            "enable_delete": True,
            "enable_gap": True,
            "proposal_threshold": 0.2,
        }
        model, vocabulary = initial_model(
            "tiny", defaults | switches, {"layers": 2, "hidden_size": 32, "heads": 2}, 0.0, 1, SENTENCES
        )
        return model.eval(), vocabulary

    return make


def saved(model, vocabulary, folder: Path) -> Path:
    """``folder`` with the checkpoint of a model."""
    model.save_pretrained(folder)
    vocabulary.save(folder)
    return folder


def edit_json(path: Path, **changes) -> None:
    """Change keys of the object in a file."""
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.fixture
def model_dir(make_model, tmp_path) -> Path:
    """A saved checkpoint with random weights."""
    return saved(*make_model(), tmp_path / "model")
