"""SIGTERM, as a cluster sends it before it takes the machine: save a checkpoint, stop, go on later."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

EXIT_TERMINATED = 128 + signal.SIGTERM

logger = logging.getLogger(__name__)


class Interruption(TrainerCallback):
    """Stops the run at the end of a step in which any process was told to end.

    requested: whether this process got the signal.
    agreed: whether all processes know it; they learn it together with the label weights of a step, so that all stop at
        the same one.
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
