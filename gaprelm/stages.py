"""The three stages of training: one table, from which everything else takes their names."""

from __future__ import annotations

from typing import NamedTuple

ENCODER, INFILLER, PLANNER = "encoder", "infiller", "planner"
INFILLER_PRETRAIN, PLANNER_TRAIN, JOINT_FINETUNE = "infiller_pretrain", "planner_train", "joint_finetune"
INFILL_ACCURACY, F_BETA = "infill_accuracy", "f_beta"
# How often a stage saves and logs. These keys do not change its result, so a change of them reruns nothing.
REPORTING_KEYS = ("save_steps", "logging_steps")


class Stage(NamedTuple):
    """One stage of training.

    key: its name in config.yaml, in ``stage.yaml`` and of its folders.
    letter: its short name: stage A, B or C.
    rule: of the workflow.
    directory: of its result, below the folder of the experiment.
    trains: the parts of the model that learn.
    selects: the dev metric that chooses the best checkpoint: the infiller's accuracy at gold masks, or an F-beta.
    """

    key: str
    letter: str
    rule: str
    directory: str
    trains: tuple[str, ...]
    selects: str


_ALL_PARTS = (ENCODER, INFILLER, PLANNER)
STAGES = {
    stage.key: stage
    for stage in (
        Stage(INFILLER_PRETRAIN, "A", "train_infiller", "best_stage_a", (ENCODER, INFILLER), INFILL_ACCURACY),
        Stage(PLANNER_TRAIN, "B", "train_planner", "best_stage_b", _ALL_PARTS, F_BETA),
        Stage(JOINT_FINETUNE, "C", "train_joint", "best_stage_c", _ALL_PARTS, F_BETA),
    )
}
FINAL_STAGE = STAGES[JOINT_FINETUNE]


def stages_from(key: str | None) -> list[Stage]:
    """The stages from one on, in order; all of them for None."""
    stages = list(STAGES.values())
    return stages[position(key) if key else 0 :]


def position(key: str) -> int:
    """The position of a stage in the order of training, from 0."""
    return list(STAGES).index(key)
