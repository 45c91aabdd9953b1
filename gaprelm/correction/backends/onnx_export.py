"""A model as two ONNX files, planner and infiller, with all that the Corrector needs beside them."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor, nn

from gaprelm.correction.backends.network import InferenceNetwork, Memory
from gaprelm.json_files import write_json
from gaprelm.model.checkpoint import (
    CALIBRATION,
    CONFIG,
    EXPORT,
    EXPORTED,
    INFILLER,
    PLANNER,
    VOCABULARY,
    trained_weights_hash,
)
from gaprelm.model.loading import load_model
from gaprelm.textio import file_hash
from gaprelm.version import __version__

_PACKAGES = ("torch", "transformers", "onnx", "onnxscript", "onnxruntime")


def export_onnx(checkpoint: Path, output: Path, quantize: str | None = None) -> None:
    """Write ``output`` with planner.onnx, infiller.onnx, config.json, vocab.txt, calibration.json and export.json.

    Args:
        checkpoint: a ``best_stage_*`` directory.
        output: a directory that is new or empty.
        quantize: ``int8`` makes the weights of all products 8-bit integers (dynamic quantization), None leaves fp32.
    """
    model, vocabulary = load_model(checkpoint, "cpu")
    network = InferenceNetwork(model, vocabulary.emittable()).eval()
    with tempfile.TemporaryDirectory(dir=output.parent) as work:
        folder = Path(work) / "export"
        folder.mkdir()
        for graph, name in ((PlannerGraph(network), PLANNER), (InfillerGraph(network), INFILLER)):
            _export(graph, folder / name, quantize)
        write_json(folder / CONFIG, model.config.to_dict())
        shutil.copyfile(checkpoint / VOCABULARY, folder / VOCABULARY)
        if (checkpoint / CALIBRATION).is_file():
            shutil.copyfile(checkpoint / CALIBRATION, folder / CALIBRATION)
        write_json(folder / EXPORT, _description(checkpoint, folder, quantize))
        # Into place in one step: an export that was broken off leaves nothing that looks like a model.
        folder.replace(output)


def _description(checkpoint: Path, folder: Path, quantize: str | None) -> dict[str, object]:
    return {
        "format": "onnx",
        "quantize": quantize,
        "weights_sha256": trained_weights_hash(checkpoint),
        "files": {name: file_hash(folder / name) for name in EXPORTED},
        "versions": {"gaprelm": __version__} | {name: version(name) for name in _PACKAGES},
    }


class PlannerGraph(nn.Module):
    """``source_ids``, ``source_mask`` → ``operations``, ``inserts`` and, for one pass, the source as read.

    That is ``memory`` (layers, 2, b, heads, s, size), its keys and values, and with tagging ``states`` (b, s, hidden).
    """

    inputs = ("source_ids", "source_mask")

    def __init__(self, network: InferenceNetwork) -> None:
        super().__init__()
        self.network = network
        self.outputs = ("operations", "inserts", *_handed_over(network))

    def forward(self, source_ids: Tensor, source_mask: Tensor) -> tuple[Tensor, ...]:
        operations, inserts, memory = self.network.plan(source_ids, source_mask)
        return operations, inserts, *_tensors(memory)[: len(self.outputs) - 2]

    def example(self) -> tuple[Tensor, ...]:
        return _example_source(self.network)

    def axes(self) -> tuple[tuple[int, ...], ...]:
        """The axes of each input whose size is open."""
        return ((0, 1),) * 2


class InfillerGraph(nn.Module):
    """The source (``memory``, or ``source_ids`` for two passes), its mask, the template, and where the model wants them
    the ``states`` of the source → tokens, probabilities."""

    outputs = ("tokens", "probabilities")

    def __init__(self, network: InferenceNetwork) -> None:
        super().__init__()
        self.network = network
        first = "source_ids" if network.two_passes else "memory"
        template = ("template_ids", "template_positions", "template_slots", "template_mask", "mask_index")
        self.inputs = (first, "source_mask", *template, *_handed_over(network)[1:])

    def forward(
        self,
        first: Tensor,
        source_mask: Tensor,
        template_ids: Tensor,
        template_positions: Tensor,
        template_slots: Tensor,
        template_mask: Tensor,
        mask_index: Tensor,
        states: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        template = (template_ids, template_positions, template_slots, template_mask, mask_index)
        if self.network.two_passes:
            return self.network.fill(source_mask, *template, source_ids=first)
        return self.network.fill(source_mask, *template, memory=Memory(list(first.unbind(0)), states))

    def example(self) -> tuple[Tensor, ...]:
        ids, mask = _example_source(self.network)
        memory, states = _tensors(self.network.read(ids, mask))
        first = ids if self.network.two_passes else memory
        # Three tensors: one given three times would be traced as one input.
        template = [torch.ones(2, 3, dtype=torch.long) for _ in range(3)]
        handed_over = (states,) if "states" in self.inputs else ()
        return first, mask, *template, template[0] > 0, torch.tensor([0, 2, 4, 5]), *handed_over

    def axes(self) -> tuple[tuple[int, ...], ...]:
        """The axes of each input whose size is open."""
        others = {"memory": (2, 4), "mask_index": (0,)}
        return tuple(others.get(name, (0, 1)) for name in self.inputs)


def _handed_over(network: InferenceNetwork) -> tuple[str, ...]:
    """Names of what the planner's graph gives to the infiller's, in the order of ``_tensors``."""
    if network.two_passes:
        return ()
    return ("memory", "states") if network.tagging else ("memory",)


def _tensors(memory: Memory) -> tuple[Tensor, Tensor]:
    return torch.stack(memory.keys_values), memory.states


def _example_source(network: InferenceNetwork) -> tuple[Tensor, Tensor]:
    ids = torch.ones(2, 7, dtype=torch.long)
    return ids, ids > 0


def _export(graph: nn.Module, path: Path, quantize: str | None) -> None:
    """Trace and write one graph; the sizes of batch, source, template and masks stay open."""
    with torch.inference_mode(), _quiet():
        program = torch.onnx.export(
            graph,
            graph.example(),
            input_names=graph.inputs,
            output_names=graph.outputs,
            dynamic_shapes=[dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for axes in graph.axes()],
            dynamo=True,
            verbose=False,
        )
        program.save(path, external_data=False)
        if quantize is not None:
            _quantize(path)


def _quantize(path: Path) -> None:
    """Make the weights of products 8-bit integers, a scale a column; activations are quantized as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    exact = path.with_name(f"exact_{path.name}")
    path.replace(exact)
    quantize_dynamic(exact, path, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    exact.unlink()


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch and onnxruntime say to those who work on them."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
