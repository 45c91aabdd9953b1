"""What ``pip install gaprelm`` leaves out: which extra brings which package."""

from __future__ import annotations

from importlib.util import find_spec

# From the name of a module to the extra of pyproject.toml that installs it.
EXTRA_OF = {
    "torch": "torch",
    "transformers": "torch",
    "accelerate": "torch",
    "huggingface_hub": "torch",
    "onnx": "torch",
    "onnxscript": "torch",
    "snakemake": "train",
    "pandas": "train",
    "pyarrow": "train",
    "tensorboard": "train",
    "matplotlib": "train",
    "jsonschema": "train",
    "hsk_sentences_audio": "train",
    "rjieba": "names",
    "fastapi": "serve",
    "fastapi_offline": "serve",
    "pydantic": "serve",
    "starlette": "serve",
    "uvicorn": "serve",
}


def is_installed(module: str) -> bool:
    """Whether a package can be imported; it is not imported."""
    return find_spec(module) is not None


def not_installed(module: str) -> str:
    """The message about a package of ``EXTRA_OF`` that is missing, with its cure."""
    return f"{module} is not installed\n  cure: pip install 'gaprelm[{EXTRA_OF[module]}]'"
