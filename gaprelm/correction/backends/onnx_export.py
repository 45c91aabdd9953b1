"""Writes a model as two ONNX files, planner and infiller, with everything that the Corrector needs beside them.

The graphs hold no weights: both read them from ``model.safetensors``, which torch can read too.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gaprelm.correction.backends.network import InferenceNetwork, Memory
from gaprelm.json_files import write_json
from gaprelm.model.blocks import Blocks, block_size, from_blocks, is_rounded, rounded, to_blocks, write_weights
from gaprelm.model.checkpoint import (
    CALIBRATION,
    CONFIG,
    COUNTS,
    EXPORT,
    EXPORTED,
    INFILLER,
    PLANNER,
    VOCABULARY,
    WEIGHTS,
    trained_weights_hash,
)
from gaprelm.model.counted import Counted
from gaprelm.model.counted_inputs import COUNTED_INPUTS, empty_inputs
from gaprelm.model.loading import load_model
from gaprelm.textio import file_hash
from gaprelm.version import __version__

# Inputs of the infiller's graph, in the order in which ``InferenceNetwork.fill`` takes them.
_TEMPLATE = ("template_ids", "template_positions", "template_slots", "template_mask", "mask_index")
# The axes of an input whose size is open. All other inputs are (sentences, tokens), or (sentences, tokens, candidates).
_OPEN_AXES = {"memory": (2, 4), "mask_index": (0,)}
# Bytes from which a weight is read from the file of the weights; a smaller one might be found there by chance.
_SMALLEST_REFERENCE = 256
# Training reads them, correcting does not.
_TOKENIZER = ("tokenizer_config.json", "special_tokens_map.json")
_PACKAGES = ("torch", "transformers", "onnx", "onnxscript", "onnxruntime")


def export_onnx(checkpoint: Path, output: Path, quantize: str | None = None) -> None:
    """Write ``output`` with the two graphs, the weights, and the small files of the checkpoint.

    Args:
        checkpoint: a ``best_stage_*`` directory.
        output: a directory that is new or empty.
        quantize: ``int8`` makes the weights of all products 8-bit numbers (``gaprelm.model.blocks``); None keeps fp32.
    """
    model, vocabulary = load_model(checkpoint, "cpu")
    weights = {name: weight for name, weight in model.state_dict().items() if name not in model.all_tied_weights_keys}
    linear, embedding = (rounded_linear, rounded_embedding) if quantize else (ExactLinear, None)
    network = InferenceNetwork(model, vocabulary.emittable(), linear, embedding).eval()
    _replace_linear_layers(network, rounds=quantize is not None)
    with tempfile.TemporaryDirectory(dir=output.parent) as work:
        folder = Path(work) / "export"
        folder.mkdir()
        write_weights(folder / WEIGHTS, rounded(weights) if quantize else weights)
        for graph, name in ((PlannerGraph(network), PLANNER), (InfillerGraph(network), INFILLER)):
            _export(graph, folder / name)
        for name in (CONFIG, VOCABULARY, *_TOKENIZER, COUNTS, CALIBRATION):
            if (checkpoint / name).is_file():
                shutil.copyfile(checkpoint / name, folder / name)
        write_json(folder / EXPORT, _description(checkpoint, folder, quantize))
        # Moved into place in one step, so that an export that was interrupted leaves nothing that looks like a model.
        folder.replace(output)


def _description(checkpoint: Path, folder: Path, quantize: str | None) -> dict[str, object]:
    return {
        "format": "onnx",
        "quantize": quantize,
        "weights_sha256": trained_weights_hash(checkpoint),
        "files": {name: file_hash(folder / name) for name in (*EXPORTED, WEIGHTS, COUNTS) if (folder / name).is_file()},
        "versions": {"gaprelm": __version__} | {name: version(name) for name in _PACKAGES},
    }


class PlannerGraph(nn.Module):
    """The graph of planner.onnx.

    inputs: ``source_ids`` and ``source_mask`` (b, s), and the counted inputs of models with ``enable_counts``.
    outputs: ``operations`` and ``inserts``, the probabilities; for models of one pass also the source as read, for the
        infiller: ``memory`` (layers, 2, b, heads, s, size), its keys and values, and with tagging or counts ``states``
        (b, s, hidden), the states of the last layer.
    """

    def __init__(self, network: InferenceNetwork) -> None:
        super().__init__()
        self.network = network
        self.inputs = ("source_ids", "source_mask", *_counted_inputs(network, read=True))
        self.outputs = ("operations", "inserts", *_source_as_read(network))

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        source_ids, source_mask, *counted = inputs
        operations, inserts, memory = self.network.plan(source_ids, source_mask, Counted(*counted) if counted else None)
        as_read = {"memory": torch.stack(memory.keys_values), "states": memory.states}
        return operations, inserts, *(as_read[name] for name in self.outputs[2:])


class InfillerGraph(nn.Module):
    """The graph of infiller.onnx.

    inputs: ``source_mask`` (b, s) and the template. Models of one pass take the source as the planner read it:
        ``memory``, and with tagging or counts ``states``; models of two passes read it anew: ``source_ids`` (b, s).
        With ``enable_counts`` the counted inputs too, in models of one pass without those of deletions.
    outputs: ``tokens`` and ``probabilities`` (m,).
    """

    outputs = ("tokens", "probabilities")

    def __init__(self, network: InferenceNetwork) -> None:
        super().__init__()
        self.network = network
        source = _source_as_read(network) or ("source_ids",)
        self.inputs = ("source_mask", *_TEMPLATE, *source, *_counted_inputs(network, read=network.two_passes))

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        given = dict(zip(self.inputs, inputs, strict=True))
        read: dict[str, Any] = {name: given[name] for name in ("source_mask", *_TEMPLATE)}
        if "memory" in given:
            # Without tagging the graph has no states, and nothing reads them: any tensor will do.
            read["memory"] = Memory(list(given["memory"].unbind(0)), given.get("states", given["memory"]))
        else:
            read["source_ids"] = given["source_ids"]
        if self.network.counted is not None:
            # The infiller reads no scores of deletions, unless it reads the source anew.
            read["counted"] = Counted(*(given.get(name, given["replace_scores"]) for name in COUNTED_INPUTS))
        return self.network.fill(**read)


def _counted_inputs(network: InferenceNetwork, *, read: bool) -> tuple[str, ...]:
    """Names of the counted inputs; ``read``: of a graph that reads the source."""
    if network.counted is None:
        return ()
    return tuple(name for name in COUNTED_INPUTS if read or not name.startswith("delete_"))


def _source_as_read(network: InferenceNetwork) -> tuple[str, ...]:
    """Names of the tensors that the planner's graph hands to the infiller's."""
    if network.two_passes:
        return ()
    return ("memory", "states") if network.tagging or network.counted is not None else ("memory",)


def _examples(network: InferenceNetwork) -> dict[str, Tensor]:
    """A batch of two short sentences to trace the graphs with: every input by its name."""
    # Each a tensor of its own: one that is given twice would be traced as one input.
    template = [torch.ones(2, 3, dtype=torch.long) for _ in range(3)]
    template += [template[0] > 0, torch.tensor([0, 2, 4, 5])]
    ids = torch.ones(2, 7, dtype=torch.long)
    counted = {name: torch.from_numpy(array + 1) for name, array in empty_inputs(2, 7).items()}
    memory = network.read(ids, ids > 0, Counted(**counted))
    return {
        **counted,
        "source_ids": ids,
        "source_mask": ids > 0,
        "memory": torch.stack(memory.keys_values),
        "states": memory.states,
        **dict(zip(_TEMPLATE, template, strict=True)),
    }


class ExactLinear(nn.Module):
    """A linear layer whose weight the graph keeps as it is; the exporter itself would turn it round."""

    def __init__(self, weight: Tensor, bias: Tensor | None, activation: nn.Module | None = None) -> None:
        super().__init__()
        self.bias, self.activation = bias, activation or nn.Identity()
        self.keep(weight)

    def keep(self, weight: Tensor) -> None:
        """Keep the weight (out, in)."""
        self.kept = nn.Buffer(weight.detach())

    def weight(self) -> Tensor:
        """The weight (out, in)."""
        return self.kept

    def forward(self, states: Tensor) -> Tensor:
        """(…, in) to (…, out)."""
        weight, rows = self.weight(), states.flatten(0, -2)
        inputs = (rows, weight) if self.bias is None else (rows, weight, self.bias)
        shape = (rows.shape[0], weight.shape[0])
        product = torch.onnx.ops.symbolic("Gemm", inputs, {"transB": 1}, dtype=states.dtype, shape=shape)
        return self.activation(product.unflatten(0, states.shape[:-1]))


class RoundedLinear(ExactLinear):
    """A linear layer whose weight the graph keeps in blocks.

    onnxruntime computes the weight once, when it reads the graph. Where states are rounded too, what a sentence gets
    depends on the sentences beside it: with one scale for all by much, with one for each row in the last bits.
    """

    def keep(self, weight: Tensor) -> None:
        """Keep the weight (out, in), rounded."""
        self.numbers, self.scales = map(nn.Buffer, to_blocks(weight))

    def weight(self) -> Tensor:
        """The weight (out, in)."""
        return from_blocks(Blocks(self.numbers, self.scales))


class RoundedEmbedding(nn.Module):
    """The rows of a table that is kept in blocks."""

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        self.numbers, self.scales = map(nn.Buffer, to_blocks(table.weight))

    def forward(self, ids: Tensor) -> Tensor:
        """(…) to (…, width)."""
        return from_blocks(Blocks(self.numbers[ids].flatten(0, -3), self.scales[ids].flatten(0, -2))).unflatten(
            0, ids.shape
        )


def rounded_linear(weight: Tensor, bias: Tensor | None, activation: nn.Module | None = None) -> nn.Module:
    """A layer with 8-bit weights, where their rows can be cut into blocks."""
    return (RoundedLinear if block_size(weight.shape[1]) else ExactLinear)(weight, bias, activation)


def rounded_embedding(table: nn.Embedding) -> nn.Module:
    """An embedding with 8-bit rows, where these can be cut into blocks."""
    return RoundedEmbedding(table) if block_size(table.embedding_dim) else table


def _replace_linear_layers(network: nn.Module, *, rounds: bool) -> None:
    """Replace the linear layers that the network shares with the model."""
    for path, layer in list(network.named_modules()):
        if isinstance(layer, nn.Linear):
            kind = RoundedLinear if rounds and is_rounded(f"{path}.weight", layer.weight) else ExactLinear
            network.set_submodule(path, kind(layer.weight, layer.bias))


def _export(graph: PlannerGraph | InfillerGraph, path: Path) -> None:
    """Trace and write one graph; the sizes of batch, source, template and masks stay open."""
    with torch.inference_mode(), _quiet():
        examples = _examples(graph.network)
        axes = [_OPEN_AXES.get(name, (0, 1)) for name in graph.inputs]
        program = torch.onnx.export(
            graph,
            tuple(examples[name] for name in graph.inputs),
            input_names=graph.inputs,
            output_names=graph.outputs,
            # One tuple inside another, because ``forward`` takes them as one.
            dynamic_shapes=(tuple(dict.fromkeys(open_axes, torch.export.Dim.DYNAMIC) for open_axes in axes),),
            dynamo=True,
            verbose=False,
        )
        assert program is not None, "with dynamo there is a program"
        proto = program.model_proto
        for node in proto.graph.node:
            # The lines of Python that each node came from.
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
        _refer(proto.graph.initializer, path.with_name(WEIGHTS))
        path.write_bytes(proto.SerializeToString())


def _refer(initializers: Iterable[Any], weights: Path) -> None:
    """Let the graph read from the file of the weights whatever stands there byte for byte."""
    stored = weights.read_bytes()
    for tensor in initializers:
        own = tensor.raw_data
        place = stored.find(own) if len(own) >= _SMALLEST_REFERENCE else -1
        if place < 0:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = tensor.EXTERNAL
        for key, value in (("location", weights.name), ("offset", place), ("length", len(own))):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(value)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the warnings of torch and onnxruntime, which are meant for their developers."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
