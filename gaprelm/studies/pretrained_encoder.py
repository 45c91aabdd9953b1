"""A small BERT that knows some Chinese, for ablations that start from a pretrained encoder.

    python -m gaprelm.studies.pretrained_encoder TEXT… -o DIRECTORY [--steps 10000]

TEXT: files with one sentence per line (.xz and .gz too), or tables of the workflow (data/filtered/clean.parquet).
Trains a masked language model as BERT is trained (Devlin et al. 2019: predict 15 % of the characters, of which 80 % are
replaced by [MASK], 10 % by another character, and 10 % are left), with full attention, so that it favours no form of
Gap-ReLM. Prints the loss and the share of masks that are right, on a hundredth of the sentences, which is held out. Use
the encoder with pretrained_model: DIRECTORY.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import BertForMaskedLM, get_linear_schedule_with_warmup

from gaprelm.data.readers import valid_records
from gaprelm.data.tables import read_texts
from gaprelm.errors import InputError, run_command
from gaprelm.model.checkpoint import share_weights_file
from gaprelm.model.modeling import set_sinusoidal_positions, tiny_bert
from gaprelm.model.vocabulary import SPECIAL_TOKENS, CharacterVocabulary
from gaprelm.training.batches.sampler import LengthBatchSampler

LONGEST = 62
BATCH = 64
REPORT_EVERY = 500
MASK_SHARE, MASKED, OTHER = 0.15, 0.8, 0.9


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the encoder and save it.

    Raises:
        InputError: the files hold fewer than two different sentences of at most ``LONGEST`` characters.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="+", metavar="TEXT", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--hidden-size", type=int, default=128)
    parser.add_argument("--heads", type=int, default=4)
    args = parser.parse_args(arguments)
    torch.manual_seed(1)
    sentences = sentences_of(args.texts)
    vocabulary = CharacterVocabulary.from_texts(sentences)
    ids = [np.array(vocabulary.encode(sentence)) for sentence in sentences]
    held_out, trained = ids[::100], [row for number, row in enumerate(ids) if number % 100]
    sys.stderr.write(f"{len(trained)} sentences, {len(vocabulary)} characters\n")
    shape = {"layers": args.layers, "hidden_size": args.hidden_size, "heads": args.heads}
    config = tiny_bert(len(vocabulary), **shape, max_seq_length=LONGEST + 2)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    model = BertForMaskedLM(config)
    set_sinusoidal_positions(model)
    train(model, trained, vocabulary, args.steps)
    loss, right = evaluated(model, held_out, vocabulary)
    sys.stdout.write(f"held-out sentences: loss {loss:.3f}, {right:.1%} of the masks right\n")
    model.save_pretrained(args.output)
    share_weights_file(args.output)
    vocabulary.save(args.output)


def sentences_of(paths: Sequence[Path]) -> list[str]:
    """The different sentences of the files, sorted, without those that are too long.

    Raises:
        InputError: there are fewer than two sentences, but one is held out and the others are trained on.
    """
    sentences = sorted({text for path in paths for text in texts_of(path) if 0 < len(text) <= LONGEST})
    if len(sentences) < 2:
        raise InputError(
            f"{', '.join(map(str, paths))}: found {len(sentences)} sentences of 1 to {LONGEST} characters; expected "
            "two or more\n  cure: name files with more sentences"
        )
    return sentences


def texts_of(path: Path) -> Iterator[str]:
    """The texts of a table of the workflow, or of a file with one sentence per line."""
    if path.suffix == ".parquet":
        return read_texts(path)
    return (record.source for record in valid_records(str(path), "clean", "error", []))


def train(model: BertForMaskedLM, rows: list[np.ndarray], vocabulary: CharacterVocabulary, steps: int) -> None:
    """Train on ``steps`` batches of the sentences' ids, and report the loss from time to time."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.5e-3, weight_decay=0.01, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, steps // 20, steps)
    draw = np.random.default_rng(1)
    losses: list[float] = []
    for step, batch in enumerate(batches(rows, steps), 1):
        loss, _ = masked_loss(model, [rows[index] for index in batch], vocabulary, draw)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
        if step % REPORT_EVERY == 0:
            sys.stderr.write(f"step {step}/{steps} loss {np.mean(losses[-REPORT_EVERY:]):.3f}\n")


def batches(rows: list[np.ndarray], steps: int) -> Iterator[list[int]]:
    """``steps`` batches of indices into ``rows``, of sentences of similar length, in a new order each epoch."""
    sampler = LengthBatchSampler(np.array([len(row) for row in rows]), BATCH, 0)
    for epoch in range(steps // len(sampler) + 1):
        sampler.set_epoch(epoch)
        for batch in sampler:
            if not steps:
                return
            steps -= 1
            yield [index for _, index in batch]


def masked_loss(
    model: BertForMaskedLM, rows: list[np.ndarray], vocabulary: CharacterVocabulary, draw: np.random.Generator
) -> tuple[torch.Tensor, float]:
    """The mean loss over the masks of a batch, and the share of right masks; the head runs on the masks only."""
    width = max(map(len, rows)) + 2
    ids = np.full((len(rows), width), vocabulary.pad_id)
    ids[:, 0] = vocabulary.cls_id
    for row, source in zip(ids, rows, strict=True):
        row[1 : len(source) + 1], row[len(source) + 1] = source, vocabulary.sep_id
    masked = (draw.random(ids.shape) < MASK_SHARE) & (ids >= len(SPECIAL_TOKENS))
    answers, kind = ids[masked], draw.random(masked.sum())
    ids[masked] = np.where(
        kind < MASKED, vocabulary.mask_id, np.where(kind < OTHER, draw.choice(len(vocabulary), len(answers)), answers)
    )
    tensor = torch.from_numpy(ids)
    with torch.autocast("cpu", torch.bfloat16):
        states = model.bert(tensor, attention_mask=(tensor != vocabulary.pad_id).long()).last_hidden_state
        logits = model.cls(states[torch.from_numpy(masked)])
    gold = torch.from_numpy(answers)
    return functional.cross_entropy(logits.float(), gold), float((logits.argmax(-1) == gold).float().mean())


@torch.inference_mode()
def evaluated(model: BertForMaskedLM, rows: list[np.ndarray], vocabulary: CharacterVocabulary) -> tuple[float, float]:
    """The mean loss over the batches, and the share of right masks; the masks are the same in each call."""
    draw = np.random.default_rng(2)
    parts = [rows[first : first + BATCH] for first in range(0, len(rows), BATCH)]
    results = [masked_loss(model, part, vocabulary, draw) for part in parts]
    return float(np.mean([float(loss) for loss, _ in results])), float(np.mean([right for _, right in results]))


if __name__ == "__main__":
    sys.exit(run_command(main))
