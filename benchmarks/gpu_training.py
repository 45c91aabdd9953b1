"""The parts of ``gpu.py`` that train: rates, what the compiler of torch gives, and what a step consists of."""

from __future__ import annotations

import itertools
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import common
import torch
from gpu_models import QUICK, SIZES, Made, clean_sentences, made
from gpu_report import Report
from torch.profiler import ProfilerActivity, profile
from training import VOCABULARY, bert_config, gemm_rate, joint_task, ready, settings, useful_gflop
from transformers import TrainerCallback
from transformers.trainer_utils import SaveStrategy
from usual_training import now, usual_rates

from gaprelm.training.batches.examples import ExampleSource
from gaprelm.training.interruption import Interruption
from gaprelm.training.runtime import prepare_process
from gaprelm.training.trainer import CorrectorTrainer, training_arguments

# Steps that warm up, and steps that are measured.
WARM_UP, STEPS = 5, 20
# Operators and kernels, of which about half are kernels.
_SHOWN = 30
_PROFILED = 10
# Calls of CUDA that are counted, by the start of their name.
_CALLS = {
    "launches": ("cudaLaunchKernel", "cuLaunchKernel"),
    "graph launches": ("cudaGraphLaunch",),
    "copies": ("cudaMemcpy",),
    "waits": ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize"),
}


class Case(NamedTuple):
    """One way of training.

    workers: processes that make batches. compiled: None, or what torch compiles: each of the ``layers``, or the whole
    ``encoder``.
    """

    precision: str
    batch: int
    workers: int
    compiled: str | None = None


class Plan(NamedTuple):
    """The cases of a part, the numbers of workers of the loader alone, and the batches of the usual form."""

    cases: list[Case]
    loaders: list[int]
    usual: list[tuple[str, int]]


def plan(size: str, quick: bool) -> Plan:
    """What is measured, the most valuable first."""
    if quick:
        return Plan([Case("bf16", 8, 1), Case("fp32", 4, 0)], [1], [("bf16", 4)])
    large = [512, 256] if size == "small" else [256]
    many = [Case(precision, batch, 12) for batch in (*large, 32) for precision in ("bf16", "fp32")]
    alone = [Case("bf16", batch, 0) for batch in (large[0], 32)]
    return Plan([*many, *alone], [12, 0], [("bf16", 256), ("bf16", 32), ("fp32", 32)])


def training(report: Report, size: str, quick: bool) -> None:
    """Samples and characters a second of one size of encoder, beside the usual form."""
    prepare_process()
    steps = (1, 2) if quick else (WARM_UP, STEPS)
    cases, loaders, usual = plan(size, quick)
    for case in cases:
        name = f"{case.precision}, batch {case.batch}, {case.workers} workers"
        report.measure(name, trained, (QUICK if quick else SIZES)[size], case, *steps)
    batch = cases[0].batch
    for workers in loaders:
        for errors in (True, False):
            name = f"loader alone, batch {batch}, {workers} workers, {'new' if errors else 'old'} errors"
            report.measure(name, loaded, (QUICK if quick else SIZES)[size], batch, workers, errors, 3 if quick else 40)
    for precision, batch in usual:
        report.measure(f"usual form, {precision}, batch {batch}", usually, size, precision, batch, quick)


def usually(size: str, precision: str, batch: int, quick: bool) -> dict[str, object]:
    """The usual form of training (usual_training.py)."""
    shape = (QUICK if quick else SIZES)[size]
    new = made(shape)
    config = bert_config(shape, new.size.vocabulary if quick else VOCABULARY)
    source = clean_sentences(list(common.sentences(4 * batch)), new.vocabulary)
    examples = [source[0, number] for number in range(len(source))]
    _reset_peak()
    rate = usual_rates(config, examples, batch, 1 if quick else STEPS // 2, 1, precision == "bf16")[0]
    return {"samples_per_second": round(rate, 1), "peak_gpu_mb": _peak()}


def trained(size: Any, case: Case, warm_up: int, steps: int) -> dict[str, object]:
    """Train for some steps, as the joint stage does."""
    new = made(size)
    _compile(new, case.compiled)
    source = clean_sentences(list(common.sentences(case.batch * (warm_up + steps))), new.vocabulary)
    clock = Clock(warm_up, warm_up + steps)
    begin = time.perf_counter()
    trainer = run(new, case, source, [clock])
    rate = case.batch * steps / clock.seconds
    examples = [source[0, number] for number in range(min(500, len(source)))]
    work = useful_gflop(size.layers, size.hidden, new.size.vocabulary, examples, "counted")
    peak = clock.peak
    del trainer
    gemm = gemm_rate(case.precision)
    return {
        "samples_per_second": round(rate, 1),
        "characters_per_second": round(rate * sum(len(e.source_ids) for e in examples) / len(examples)),
        "ms_per_step": round(1000 * clock.seconds / steps, 1),
        "wait_for_loader": round(clock.waited / clock.seconds, 3),
        "mfu": round(rate * work / gemm, 4),
        "gemm_tflops": round(gemm / 1000, 2),
        "peak_gpu_mb": peak,
        "warm_up_seconds": round(clock.start - begin, 1),
    }


def run(new: Made, case: Case, source: ExampleSource, callbacks: list) -> CorrectorTrainer:
    """One epoch of the joint stage."""
    with tempfile.TemporaryDirectory() as folder:
        own = settings(case.precision, torch.cuda.is_available(), case.batch, case.workers, 1)
        arguments = training_arguments(own, folder, has_dev=False)
        arguments.save_strategy, arguments.disable_tqdm = SaveStrategy.NO, True
        task = joint_task(new.model, new.vocabulary, new.counted)
        trainer = TimedTrainer(new.model, arguments, source, task, None, callbacks, Interruption())
        for callback in callbacks:
            callback.trainer = trainer
        expected = "bf16" if case.precision == "bf16" else "no"
        assert trainer.accelerator.mixed_precision == expected, trainer.accelerator.mixed_precision
        trainer.train()
    return trainer


class TimedTrainer(CorrectorTrainer):
    """Knows for how many seconds it has waited for batches."""

    waited = 0.0

    def get_batch_samples(self, epoch_iterator: Iterator, num_batches: int, device: torch.device) -> Any:
        start = time.perf_counter()
        samples = super().get_batch_samples(epoch_iterator, num_batches, device)
        self.waited += time.perf_counter() - start
        return samples


class Clock(TrainerCallback):
    """Measures the steps from ``first`` to ``last``."""

    trainer: TimedTrainer

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self.start = self.seconds = self.waited = 0.0
        self.peak: int | None = None

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self._first:
            _reset_peak()
            self.trainer.waited, self.start = 0.0, now()
        if state.global_step == self._last:
            self.seconds, self.waited, self.peak = now() - self.start, self.trainer.waited, _peak()


def _reset_peak() -> None:
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def _peak() -> int | None:
    """The most memory of the GPU that tensors had, in MB."""
    return torch.cuda.max_memory_allocated() // 2**20 if torch.cuda.is_available() else None


def loaded(size: Any, batch: int, workers: int, errors: bool, batches: int) -> dict[str, object]:
    """The loader alone: samples a second once all of its processes work."""
    new = made(size)
    number = batches if workers else max(2, batches // 5)
    source: ExampleSource = clean_sentences(list(common.sentences(batch * number)), new.vocabulary)
    if not errors:
        source = ready([source[0, place] for place in range(len(source))])
    with tempfile.TemporaryDirectory() as folder:
        own = settings("fp32", torch.cuda.is_available(), batch, workers, 1)
        arguments = training_arguments(own, folder, has_dev=False)
        task = joint_task(new.model, new.vocabulary, new.counted)
        loader = CorrectorTrainer(new.model, arguments, source, task, None, [], Interruption()).get_train_dataloader()
        first = min(workers, number // 2) or 1
        batches_made = iter(loader)
        for _ in itertools.islice(batches_made, first):
            pass
        start = time.perf_counter()
        rest = sum(1 for _ in batches_made)
        seconds = time.perf_counter() - start
    return {"samples_per_second": round(rest * batch / seconds, 1)}


def compiled(report: Report, quick: bool) -> None:
    """Training with torch's compiler, beside training without."""
    prepare_process()
    steps = (1, 2) if quick else (8, STEPS)
    cases = (("small", None), ("small", "layers"), ("macbert", "layers"), ("small", "encoder"))
    for size, what in cases[1:2] if quick else cases:
        case = Case("bf16", 8 if quick else 512 if size == "small" else 256, 1 if quick else 12, what)
        name = f"{size}, compiled: {what or 'nothing'}, batch {case.batch}"
        report.measure(name, compiled_row, (QUICK if quick else SIZES)[size], case, *steps)


def compiled_row(size: Any, case: Case, warm_up: int, steps: int) -> dict[str, object]:
    """A row of training, and how often the compiler gave up and began anew."""
    import torch._dynamo as dynamo
    from torch._dynamo.utils import counters

    dynamo.reset()
    counters.clear()
    row = trained(size, case, warm_up, steps)
    return row | {"graph_breaks": counters["graph_break"].total(), "graphs": counters["stats"]["unique_graphs"]}


def _compile(new: Made, what: str | None) -> None:
    if what is None:
        return
    # The rehearsal on processors only looks whether torch can read the code.
    backend = "inductor" if torch.cuda.is_available() else "aot_eager"
    encoder = new.model.encoder
    modules: Sequence[torch.nn.Module] = list(encoder.encoder.layer) if what == "layers" else [encoder]
    for module in modules:
        module.compile(dynamic=True, backend=backend)


def profiled(report: Report, quick: bool, text: Path) -> None:
    """What ten steps of the small model consist of, and where they wait for the GPU."""
    prepare_process()
    case = Case("bf16", 8 if quick else 512, 1 if quick else 12)
    size = (QUICK if quick else SIZES)["small"]
    report.measure(f"a step of the small model, batch {case.batch}", kernels, size, case, text)
    if torch.cuda.is_available():
        report.measure("lines that wait for the GPU: times in 5 steps", waits, size, case)


class During(TrainerCallback):
    """Is in a context from the end of step ``first`` to the end of step ``last``."""

    trainer: TimedTrainer

    def __init__(self, first: int, last: int, enter: Callable[[], AbstractContextManager]) -> None:
        self._first, self._last, self._enter = first, last, enter
        self._stack = ExitStack()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self._last:
            now()
            self._stack.close()
        if state.global_step == self._first:
            now()
            self._stack.enter_context(self._enter())


def kernels(size: Any, case: Case, text: Path) -> dict[str, object]:
    """Calls of CUDA per step; the most expensive kernels are written into a text."""
    gpu = torch.cuda.is_available()
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if gpu else [])]
    profiler = profile(activities=activities)
    new = made(size)
    source = clean_sentences(list(common.sentences(case.batch * (WARM_UP + _PROFILED))), new.vocabulary)
    run(new, case, source, [During(WARM_UP, WARM_UP + _PROFILED, lambda: profiler)])
    found = profiler.key_averages()
    order = "self_device_time_total" if gpu else "self_cpu_time_total"
    text.write_text(found.table(sort_by=order, row_limit=_SHOWN, max_name_column_width=90), encoding="utf-8")
    row: dict[str, object] = {
        name: round(sum(event.count for event in found if event.key.startswith(starts)) / _PROFILED, 1)
        for name, starts in _CALLS.items()
    }
    # Operators have the time of their kernels too, and annotations that of all within them.
    own = [each for each in found if each.device_type.name == "CUDA" and not each.is_user_annotation]
    busy = sum(each.self_device_time_total for each in own) if gpu else None
    return row | {"gpu_ms": round(busy / 1000 / _PROFILED, 2) if busy is not None else None}


def waits(size: Any, case: Case) -> dict[str, object]:
    """The lines of Python in whose calls the processor waits for the GPU, and how often in five steps."""
    new = made(size)
    source = clean_sentences(list(common.sentences(case.batch * 10)), new.vocabulary)
    stack, caught = ExitStack(), []

    def enter() -> AbstractContextManager:
        inner = ExitStack()
        caught.append(inner.enter_context(warnings.catch_warnings(record=True)))
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        inner.callback(torch.cuda.set_sync_debug_mode, "default")
        return inner

    with stack:
        run(new, case, source, [During(4, 9, enter)])
    found = [each for each in caught[0] if "synchroniz" in str(each.message)]
    places = Counter(f"{Path(each.filename).name}:{each.lineno}" for each in found)
    return dict(places.most_common(20))
