"""Training speed and memory, compared with the way in which such models are usually trained.

    python benchmarks/training.py --size tiny --json          about 6 minutes on 2 cores
    python benchmarks/training.py --size base --json          about 20 minutes on 2 cores
    python benchmarks/training.py --threads                   two threads beside a busy process; half a minute

Forms, each in a process of its own, one after the other; samples_per_second is the median of 3 rounds:

* baseline_fp32: planner and infiller passes, both padded to 128 tokens (longer ones are cut), a separate vocabulary
  head on all positions with the 21,128 tokens of bert-base-chinese, dropout everywhere, AdamW in a loop.
* masks_fp32, masks_bf16: this project's trainer (joint stage, batches, loss, optimizer, clipping), only masks in the
  template, without tagging; the 8,005 tokens of bert-base-chinese that initial_model keeps, as in the forms below.
* tagging_fp32, tagging_bf16: the same with enable_tagging, the default.
* sparse_fp32, sparse_bf16: the same with the whole template: kept characters visible, edits masked.

The data are random characters with the lengths and edits of real data: on average 37 tokens per source (lognormal,
median 33) and 2.4 masks. bf16 forms run if the hardware computes in bf16. mfu_*: useful floating-point operations per
second (one pass without padding; vocabulary head at masks, with tagging also at every source token) relative to a
matrix product measured in the same process.

--threads: the time that two threads need for products of the size of a tiny encoder, alone and beside a busy process,
for each way in which they can wait for each other.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaprelm.model.counted_inputs import CountedInputs
    from gaprelm.model.modeling import GapReLMModel
    from gaprelm.model.vocabulary import CharacterVocabulary
    from gaprelm.training.batches.examples import Example, ExampleSource
    from gaprelm.training.settings import StageSettings
    from gaprelm.training.task import GapReLMTask

SIZES = {"tiny": (4, 256, 4, 768), "base": (12, 768, 12, 96)}  # layers, hidden size, heads, samples a round
# All tokens of bert-base-chinese, and only its single characters and special tokens, which initial_model keeps.
VOCABULARY, CHARACTERS = 21128, 8005
BATCH = 32
ROUNDS = 3
AUXILIARY = 0.15  # share of the kept characters with an auxiliary mask
SWITCHES = {
    "max_insert_num": 3,
    "max_seq_length": 192,
    "encoder_passes": 1,
    "template": "masks",
    "enable_insert": True,
    "enable_delete": True,
    "enable_gap": True,
    "proposal_threshold": 0.1,
}
# How threads wait for each other; libgomp reads its variables only once in a process.
WAITING = {"default": {}, "GOMP_SPINCOUNT=1000": {"GOMP_SPINCOUNT": "1000"}, "passive": {"OMP_WAIT_POLICY": "PASSIVE"}}
FORMS = ("baseline_fp32", "masks_fp32", "masks_bf16", "tagging_fp32", "tagging_bf16", "sparse_fp32", "sparse_bf16")


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--size", choices=SIZES, default="tiny")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS)
    parser.add_argument("--threads", action="store_true", help="time of two threads, in place of the forms")
    args = parser.parse_args()
    if args.threads:
        results = threads()
        common.show({"threads": results}, args.json, {"milliseconds of 20 layers": results})
        return
    results = {}
    for form in args.forms:
        sys.stderr.write(f"{form} …\n")
        results[form] = common.in_a_process(measured, args.size, form)
    ratios = summary(results)
    document = ratios | {"size": args.size, "forms": results}
    common.show(document, args.json, {"form": results, "all forms": {args.size: ratios}})


def threads() -> dict[str, dict[str, float]]:
    """Milliseconds of 20 feed-forward layers on an idle machine and beside a busy process, for each way of waiting."""
    rows = {}
    for busy in (False, True):
        other = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if busy else None
        try:
            for name, variables in WAITING.items():
                place = "beside a busy process" if busy else "idle"
                rows[f"{place}, {name}"] = common.in_a_process(layers_milliseconds, **variables)
        finally:
            if other:
                other.kill()
    return rows


def layers_milliseconds() -> dict[str, float]:
    """Products of the size of a tiny encoder on two threads."""
    import torch

    torch.set_num_threads(2)
    states, weights = torch.randn(1100, 128), torch.randn(512, 128)

    def layers() -> None:
        for _ in range(20):
            torch.matmul(torch.nn.functional.gelu(states @ weights.T), weights)

    times = [1000 * seconds for seconds in common.all_seconds(layers, 40, time.perf_counter, warm_up=5)]
    figures = {"median": statistics.median(times), "mean": statistics.mean(times), "longest": max(times)}
    return {name: round(value, 1) for name, value in figures.items()}


def summary(results: dict[str, dict]) -> dict[str, float | None]:
    """Ratios to the baseline of the same run, and the MFU of the form with only masks."""
    values: dict[str, float | None] = {}
    base = results.get("baseline_fp32", {}).get("samples_per_second")
    for precision in ("fp32", "bf16"):
        for prefix, kind in (("", "masks"), ("tagging_", "tagging"), ("sparse_", "sparse")):
            rate = results.get(f"{kind}_{precision}", {}).get("samples_per_second")
            values[f"{prefix}ratio_{precision}"] = round(rate / base, 2) if rate and base else None
        values[f"mfu_{precision}"] = results.get(f"masks_{precision}", {}).get("mfu")
    return values


def measured(size: str, form: str) -> dict[str, object]:
    """Run one form in this process."""
    import torch
    from usual_training import usual_rates

    from gaprelm.training.runtime import prepare_process

    kind, precision = form.split("_")
    if precision == "bf16" and not (torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported()):
        return {"samples_per_second": None, "skipped": "the processor does not compute in bf16"}
    torch.manual_seed(0)
    torch.set_float32_matmul_precision("high")  # TF32 on GPUs, in all forms and in gemm_rate
    examples = random_examples(SIZES[size][3])
    if kind == "baseline":
        config, steps = bert_config(SIZES[size], VOCABULARY), 4 if size == "tiny" else 1
        rates, extra = usual_rates(config, examples, BATCH, steps, ROUNDS), {}
    else:
        prepare_process()
        rates, extra = run_trainer(size, examples, kind, precision)
    peak = common.peak_mb()
    gemm = gemm_rate(precision)
    rate = statistics.median(rates)
    layers, hidden, _, _ = SIZES[size]
    work = useful_gflop(layers, hidden, CHARACTERS, examples, kind)
    return {
        "samples_per_second": round(rate, 2),
        "peak_rss_mb": peak,
        "gflop_per_sample": round(work, 3),
        "gemm_gflops": round(gemm, 1),
        "mfu": round(rate * work / gemm, 3),
        **extra,
    }


def random_examples(number: int) -> list:
    """Examples with the lengths and edits of SIGHAN and MuCGEC."""
    import numpy as np

    from gaprelm.training.batches.examples import Example

    random = np.random.default_rng(1)
    lengths = np.clip(random.lognormal(np.log(31), 0.5, size=number).astype(int), 4, 160)
    examples = []
    for index, length in enumerate(lengths):
        operations = random.choice(3, size=length, p=(0.95, 0.015, 0.035)).astype(np.int8)
        counts = np.where(random.random(length + 1) < 0.025, 1 + (random.random(length + 1) < 0.3), 0).astype(np.int8)
        masks = int((operations == 2).sum() + counts.sum())
        ids = [random.integers(200, CHARACTERS, size=size).astype(np.int32) for size in (length, masks)]
        examples.append(Example(index, 0, ids[0], operations, counts, ids[1]))
    return examples


def bert_config(shape: Sequence[int], vocabulary: int):
    """The configuration of an encoder; the shape begins with its layers, hidden size and heads."""
    from transformers import BertConfig

    layers, hidden, heads = shape[:3]
    return BertConfig(
        vocab_size=vocabulary,
        num_hidden_layers=layers,
        hidden_size=hidden,
        num_attention_heads=heads,
        intermediate_size=4 * hidden,
        pad_token_id=0,
    )


def run_trainer(size: str, examples: list, kind: str, precision: str) -> tuple[list[float], dict[str, object]]:
    """Epochs of the joint stage with this project's own trainer; also the rate at which batches are made."""
    import torch
    from transformers import TrainerCallback
    from usual_training import now

    from gaprelm.model.configuration import GapReLMConfig
    from gaprelm.model.modeling import GapReLMModel
    from gaprelm.model.vocabulary import CharacterVocabulary
    from gaprelm.training.interruption import Interruption
    from gaprelm.training.trainer import CorrectorTrainer, training_arguments

    bert = bert_config(SIZES[size], CHARACTERS)
    bert.attention_probs_dropout_prob = 0.0
    vocabulary = CharacterVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(chr, range(0x4E00, 0x4E00 + CHARACTERS - 5))]
    )
    chosen = SWITCHES | {"template": "sparse" if kind == "sparse" else "masks", "enable_tagging": kind == "tagging"}
    model = GapReLMModel(GapReLMConfig(encoder=bert.to_dict(), **chosen))

    class Clock(TrainerCallback):
        def __init__(self) -> None:
            self.times: list[float] = []

        def on_epoch_begin(self, *args, **kwargs) -> None:
            self.times.append(now())

        on_epoch_end = on_epoch_begin

    clock = Clock()
    task = joint_task(model, vocabulary)
    with tempfile.TemporaryDirectory() as folder:
        arguments = training_arguments(settings(precision, torch.cuda.is_available()), folder, has_dev=False)
        CorrectorTrainer(model, arguments, ready(examples), task, None, [clock], Interruption()).train()
    spans = [end - start for start, end in zip(clock.times[::2], clock.times[1::2], strict=True)]
    start = time.perf_counter()
    for first in range(0, len(examples), BATCH):
        task.collate(examples[first : first + BATCH])
    loader = len(examples) / (time.perf_counter() - start)
    # The first epoch warms up.
    rates = [len(examples) / span for span in spans[1:]]
    return rates, {
        "loader_samples_per_second": round(loader),
        "loader_ratio": round(loader / statistics.median(rates), 1),
    }


def ready(examples: Sequence[Example]) -> ExampleSource:
    """Examples that are the same in each epoch."""
    import numpy as np

    class Source(list):
        lengths = np.array([len(example.source_ids) for example in examples])

        def __getitem__(self, key):
            return list.__getitem__(self, key[1])

    return Source(examples)


def joint_task(
    model: GapReLMModel, vocabulary: CharacterVocabulary, counted: Sequence[CountedInputs] = ()
) -> GapReLMTask:
    """What the joint stage trains, with all its losses."""
    from gaprelm.training.losses import LossSettings
    from gaprelm.training.task import GapReLMTask

    losses = LossSettings(operation=1.0, insert=1.0, infill=0.5, aux=0.5, tag=1.0, enable_f2=True)
    return GapReLMTask(model, vocabulary, losses, AUXILIARY, seed=0, counted=counted)


def settings(
    precision: str, gpu: bool, batch_size: int = BATCH, num_workers: int = 0, num_epochs: int = ROUNDS + 1
) -> StageSettings:
    """The settings of a joint stage, from which the trainer's arguments are made; it has no files."""
    from gaprelm.stages import JOINT_FINETUNE
    from gaprelm.training.settings import StageSettings

    return StageSettings(
        stage=JOINT_FINETUNE,
        train_data=[],
        clean_data=None,
        repeats={},
        counts_of_folds=[],
        dev_data={},
        dev_weights={},
        max_seq_length=None,
        operating_point="f0.5",
        scoring_resources=None,
        initial_model="",
        resume_from=None,
        output_dir="",
        work_dir="",
        tensorboard_dir="",
        log_file="",
        history_file="",
        experiment_name="",
        on_bad_loss="stop",
        enable_aux_mlm=True,
        enable_f2=True,
        lambda_infill=0.5,
        mu_aux=0.5,
        nu_tag=1.0,
        aux_mlm_prob=0.15,
        freeze_infiller=False,
        noise={},
        batch_size=batch_size,
        gradient_accumulation_steps=1,
        num_epochs=num_epochs,
        learning_rate=1e-4,
        weight_decay=0.01,
        warmup_ratio=0.1,
        lr_schedule="linear",
        ema_decay=None,
        max_grad_norm=1.0,
        fp16=False,
        bf16=precision == "bf16",
        num_gpus=int(gpu),
        num_workers=num_workers,
        eval_steps=1,
        save_steps=10**9,
        logging_steps=10**9,
        seed=0,
    )


def useful_gflop(layers: int, hidden: int, vocabulary: int, examples: Sequence[Example], kind: str) -> float:
    """GFLOP per sample, forward and backward, without padding: 6 x weights x tokens, attention, head at masks.

    Args:
        kind: ``tagging`` has the head at every source token too; with ``counted`` it knows no more there than the
            candidates of counting.
    """
    from gaprelm.model.counted_inputs import REPLACEMENTS

    total = 0.0
    for example in examples:
        kept = int((example.operations == 0).sum())
        masks = len(example.answers) + AUXILIARY * kept
        source = len(example.source_ids) + 2
        template = masks if kind != "sparse" else kept + len(example.answers) + 1
        weights = 12 * hidden * hidden * (source + template)
        attention = 2 * hidden * (source * source + template * (source + template))
        known = {"tagging": vocabulary, "counted": REPLACEMENTS + 2}.get(kind)
        head = masks * (hidden * hidden + hidden * vocabulary)
        head += source * (hidden * hidden + hidden * known) if known else 0
        total += 3 * 2 * (layers * (weights + attention) + head)
    return total / len(examples) / 1e9


def gemm_rate(precision: str) -> float:
    """GFLOP/s of a large matrix product in this precision."""
    import torch

    device, size = ("cuda", 8192) if torch.cuda.is_available() else ("cpu", 2048)
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    a, b = (torch.randn(size, size, dtype=kind, device=device) for _ in "ab")
    rates = []
    for _ in range(6):
        start = time.perf_counter()
        (a @ b).sum().item()
        rates.append(2 * size**3 / (time.perf_counter() - start) / 1e9)
    return statistics.median(rates[1:])


if __name__ == "__main__":
    main()
