"""A stage computes what its losses need, and no more."""

import numpy as np
import torch

from gaprelm.edits.labels import DELETE, KEEP, REPLACE
from gaprelm.training.batches.collator import model_inputs
from gaprelm.training.batches.examples import Example
from gaprelm.training.losses import LossSettings, loss_sums
from gaprelm.training.task import GapReLMTask


def an_example(vocabulary):
    """我今天天去上棵 → 我今天去上课。: one character too many, one wrong, one missing."""
    operations = np.array([KEEP, KEEP, KEEP, DELETE, KEEP, KEEP, REPLACE], dtype=np.int8)
    counts = np.array([0, 0, 0, 0, 0, 0, 0, 1], dtype=np.int8)
    return Example(0, 0, vocabulary.encode("我今天天去上棵"), operations, counts, vocabulary.encode("课。"))


def test_tags_count_in_a_stage_without_infiller(make_model):
    # Such a stage gives the model other inputs; were the tags not among them, their loss would be 0 and nobody told.
    model, vocabulary = make_model(enable_tagging=True)
    losses = LossSettings(operation=1.0, insert=1.0, infill=0.0, aux=0.0, tag=0.3, enable_f2=False)
    task = GapReLMTask(model, vocabulary, losses, aux_mlm_prob=0.0, seed=1)
    batch = task.collate([an_example(vocabulary)])
    sums = task.sums(model, batch)
    assert sums[2] == sums[3] == 0
    assert sums[4] > 0
    complete = loss_sums(model(**model_inputs(batch)), batch, task.losses)
    torch.testing.assert_close(sums[[0, 1, 4]], complete[[0, 1, 4]])
    assert complete[2] > 0
