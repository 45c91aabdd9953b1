"""SIGTERM, which a cluster sends before it takes the machine away: save a checkpoint and stop, to resume later."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

EXIT_TERMINATED = 128 + signal.SIGTERM

logger = logging.getLogger(__name__)


class Interruption(TrainerCallback):
    """Stops the run at the end of a step if any process has received SIGTERM.

    requested: whether this process received the signal.
    agreed: whether all processes know of it. They exchange it with the label weights of each step, so that all stop
        after the same step.
    """

    def __init__(self) -> None:
        self.requested = self.agreed = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._request)

    def _request(self, number: int, frame: Any) -> None:
        self.requested = True

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if self.agreed and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = True
            if state.is_world_process_zero:
                logger.info("SIGTERM: a checkpoint is saved at step %d, and the run ends", state.global_step)
