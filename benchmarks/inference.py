"""Sentences per second and time of a single sentence, compared with a plain tagging pass over the same sentences.

    python benchmarks/inference.py --json                                          about 8 minutes on 2 cores
    python benchmarks/inference.py --model outputs/demo/best_stage_c --texts test15_error.txt --sizes tiny
    python benchmarks/inference.py --model gaprelm/model/small --texts test15_error.txt --sizes tiny

Sizes: tiny is the model of --model (default: a random one of 3 layers x 128), over all texts. base is a random one of
12 layers x 768, over the first 64 texts; it has about 8,000 tokens, the single characters of bert-base-chinese that
initial_model keeps, while its tagger has all 21,128. Random planners are set so that they propose half as many
replacements as there are sentences. They have enable_tagging, the default, unless --without-tagging is given.

Forms, each in a process of its own, which is kept; each round runs all forms in turn, and figures are medians:

* tagging_fp32, tagging_bf16: ``BertForMaskedLM`` of the same size, used as such spelling correctors do: tokenizer, one
  pass, the most likely token everywhere, characters written back. Sentences are sorted by length, as in other forms.
* torch_fp32, torch_bf16, onnx_fp32, onnx_int8: ``gaprelm.Corrector``, from text to edits.

ratio_64, ratio_1: sentences per second relative to tagging_fp32 of the same run (median of the ratios of each round).
Other work on the machine slows all forms equally, so compare ratios, not figures of different runs. On a busy machine,
``--threads 1 --clock cpu`` measures the CPU time of one thread, which does not include waiting.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import common

if TYPE_CHECKING:
    from gaprelm.edits.proposed import Thresholds

FORMS = ("tagging_fp32", "tagging_bf16", "torch_fp32", "torch_bf16", "onnx_fp32", "onnx_int8")
BASELINE = FORMS[0]
SHAPES = {"tiny": (3, 128, 4), "base": (12, 768, 12)}  # layers, hidden size, heads
BASE_SENTENCES = 64
VOCABULARY, CHARACTERS = 21128, 8000
LONGEST = 126
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--model", type=Path, help="directory of a trained model, measured as tiny")
    parser.add_argument("--texts", type=Path, help="one sentence per line (default: the embedded sample with errors)")
    parser.add_argument("--sizes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    parser.add_argument("--sentences", type=int, default=1100, help="at most (default: 1100)")
    parser.add_argument("--rounds", type=int, default=3, help="after one that warms up (default: 3)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each form (default: all cores)")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: time of the process, for busy machines")
    parser.add_argument("--without-tagging", action="store_true", help="random models have enable_tagging: false")
    args = parser.parse_args()
    texts = read_texts(args.texts, args.sentences)
    document = {"threads": args.threads, "clock": args.clock, "rounds": args.rounds, "sizes": {}}
    for size in args.sizes:
        with tempfile.TemporaryDirectory() as folder:
            chosen = texts if size == "tiny" else texts[:BASE_SENTENCES]
            document["sizes"][size] = measured(size, chosen, args, Path(folder))
    titles = "{}: {} sentences, {} changed by torch_fp32".format
    sizes = document["sizes"].items()
    tables = {titles(size, result["sentences"], result["changed"]): result["forms"] for size, result in sizes}
    common.show(document, args.json, tables)


def read_texts(path: Path | None, most: int) -> list[str]:
    """The sentences of a file, or of the embedded sample with a wrong character in every second sentence."""
    texts = common.texts(path)[:most]
    if path is not None:
        return texts
    draw, characters = random.Random(1), sorted(set("".join(texts)))
    for index in range(0, len(texts), 2):
        place = draw.randrange(len(texts[index]))
        texts[index] = texts[index][:place] + draw.choice(characters) + texts[index][place + 1 :]
    return texts


def measured(size: str, texts: list[str], args: argparse.Namespace, folder: Path) -> dict[str, object]:
    """All forms of one size."""
    variables = {"OMP_NUM_THREADS": str(args.threads), "TQDM_DISABLE": "1"}
    model = args.model if size == "tiny" and args.model else folder / "model"
    if model != args.model:
        common.in_a_process(random_model, size, texts, model, not args.without_tagging, **variables)
    results = {form: [] for form in args.forms}
    with ExitStack() as stack:
        workers = {form: stack.enter_context(common.fresh_processes(1, **variables)) for form in args.forms}
        for form, worker in workers.items():
            worker.submit(load, size, form, exported(model, form, folder, variables)).result()
        for round_ in range(args.rounds + 1):
            for form, worker in workers.items():
                sys.stderr.write(f"{size} {form} {round_}\n")
                values = worker.submit(one_round, texts, args.clock).result()
                if round_:
                    results[form].append(values)
    changed = next((rounds[0].get("changed") for form, rounds in results.items() if form == "torch_fp32"), None)
    return {"sentences": len(texts), "changed": changed, "forms": summary(results)}


def exported(model: Path, form: str, folder: Path, variables: dict[str, str]) -> Path:
    """The directory of the model that a form reads, exported if the form needs it."""
    if not form.startswith("onnx"):
        return model
    options = ["--quantize", "int8"] if form == "onnx_int8" else []
    command = [sys.executable, "-m", "gaprelm", "export", "--model", model, "-o", folder / form, *options]
    subprocess.run(list(map(str, command)), check=True, env=os.environ | variables, stdout=sys.stderr)
    return folder / form


def summary(results: dict[str, list[dict]]) -> dict[str, dict[str, float | None]]:
    """Medians over the rounds, and ratios to the baseline in the same round."""
    forms = {}
    for form, rounds in results.items():
        if rounds[0].get("skipped"):
            forms[form] = rounds[0]
            continue
        names = ("sentences_per_second_64", "sentences_per_second_1", "p50_ms", "p95_ms")
        forms[form] = {name: round(statistics.median(values[name] for values in rounds), 2) for name in names}
        if BASELINE in results:
            for batch in ("64", "1"):
                name = f"sentences_per_second_{batch}"
                pairs = zip(rounds, results[BASELINE], strict=True)
                forms[form][f"ratio_{batch}"] = round(statistics.median(a[name] / b[name] for a, b in pairs), 2)
    return forms


# What a process of ``measured`` measures; None where it cannot.
_correct: Callable[[list[str], int], list[str]] | None = None


def load(size: str, form: str, model: Path) -> None:
    """Load the form that this process measures."""
    global _correct
    kind, precision = form.split("_")
    if lacks_bf16(precision):
        return
    tokens = VOCABULARY if size == "base" else None
    _correct = tagger(model, precision, tokens) if kind == "tagging" else corrector(model, precision)


def lacks_bf16(precision: str) -> bool:
    if precision != "bf16":
        return False
    import torch

    return not torch.cpu._is_avx512_bf16_supported()


def one_round(texts: list[str], clock: str) -> dict[str, object]:
    """Measure all sentences together, and each by itself."""
    if _correct is None:
        return {"skipped": "the processor does not compute in bf16"}
    correct, now = _correct, CLOCKS[clock]
    start = now()
    corrected = correct(texts, 64)
    together = now() - start
    times = [common.all_seconds(lambda text=text: correct([text], 1), 1, now)[0] for text in texts]
    quantiles = statistics.quantiles(times, n=20)
    return {
        "sentences_per_second_64": len(texts) / together,
        "sentences_per_second_1": len(texts) / sum(times),
        "p50_ms": 1000 * quantiles[9],
        "p95_ms": 1000 * quantiles[18],
        "changed": sum(a != b for a, b in zip(texts, corrected, strict=True)),
    }


def corrector(
    model: Path, precision: str, device: str = "cpu", thresholds: Thresholds | None = None
) -> Callable[[list[str], int], list[str]]:
    from gaprelm import Corrector

    options = {"dtype": "bfloat16"} if precision == "bf16" else {}
    instance = Corrector.from_pretrained(model, device=device, thresholds=thresholds, **options)
    return lambda texts, size: [result.target for result in instance.correct_batch(texts, batch_size=size)]


def tagger(
    model: Path, precision: str, tokens: int | None, device: str = "cpu"
) -> Callable[[list[str], int], list[str]]:
    """Tokenizer, one pass of ``BertForMaskedLM``, the most likely token everywhere, characters written back.

    If ``tokens`` is given, it has so many tokens and random weights; otherwise it has the weights of the model.
    """
    import torch
    from transformers import BertForMaskedLM, BertTokenizer

    from gaprelm.model.loading import load_model

    trained, vocabulary = load_model(model, "cpu")
    config, written_as = trained.config.bert, vocabulary.tokens
    if tokens:
        config.vocab_size, written_as = tokens, [*written_as, *["?"] * (tokens - len(written_as))]
    bert = BertForMaskedLM(config)
    if not tokens:
        bert.bert.load_state_dict(trained.encoder.state_dict())
        bert.cls.load_state_dict(trained.infiller_head.state_dict())
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    # The decorator of ``to`` in transformers hides that it is a method.
    bert = bert.eval().to(device, dtype)  # pyright: ignore[reportArgumentType]
    tokenizer = BertTokenizer.from_pretrained(model)

    def correct(texts: list[str], size: int) -> list[str]:
        results = list(texts)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            batch = tokenizer(
                [texts[i] for i in rows], padding=True, truncation=True, max_length=LONGEST + 2, return_tensors="pt"
            )
            with torch.inference_mode():
                found = bert(**batch.to(device)).logits.argmax(-1).tolist()
            for i, row in zip(rows, found, strict=True):
                written = [written_as[token] for token in row[1 : len(texts[i]) + 1]]
                results[i] = "".join(written[: len(texts[i])]) + texts[i][len(written) :]
        return results

    return correct


def random_model(size: str, texts: list[str], output: Path, tagging: bool) -> None:
    """Write a checkpoint with random weights, whose planner proposes half as many replacements as there are texts."""
    import torch

    from gaprelm.correction.splitting import cut
    from gaprelm.edits.labels import DELETE, KEEP, REPLACE
    from gaprelm.model.initial import initial_model

    layers, hidden, heads = SHAPES[size]
    switches = {
        "max_seq_length": LONGEST + 2,
        "template": "masks",
        "proposal_threshold": 0.5,
        "enable_tagging": tagging,
    }
    shape = {"layers": layers, "hidden_size": hidden, "heads": heads}
    known = texts if size == "tiny" else [*texts, "".join(map(chr, range(0x4E00, 0x4E00 + CHARACTERS)))]
    model, vocabulary = initial_model("tiny", switches, shape, 0.0, 1, known)
    model.eval()
    with torch.inference_mode():
        margins = []
        for text in texts:
            ids = [vocabulary.cls_id, *vocabulary.encode(cut(text, LONGEST)[0]), vocabulary.sep_id]
            logits = model(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.bool)).operation_logits[0, 1:-1]
            margins += (logits[:, REPLACE] - logits[:, KEEP]).tolist()
    with torch.no_grad():
        model.operation_head.bias[REPLACE] -= sorted(margins, reverse=True)[len(texts) // 2]
        model.operation_head.bias[DELETE] -= 100
        model.insert_head.bias[0] += 100
    model.save_pretrained(output)
    vocabulary.save(output)


if __name__ == "__main__":
    main()
