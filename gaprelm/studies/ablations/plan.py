"""The runs of an experiment's ablations, the sets on which they are compared, and what each run depends on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from gaprelm.data.sources import DEV
from gaprelm.errors import ConfigurationError
from gaprelm.model.pretrained_files import pretrained_files
from gaprelm.noise.settings import noise_files
from gaprelm.pipeline.experiment import Experiment
from gaprelm.pipeline.selection import stage_noise, unhashed_settings
from gaprelm.stages import JOINT_FINETUNE, STAGES
from gaprelm.studies.ablations.variants import run_settings, variant_config
from gaprelm.studies.baselines import CHANNEL


class Ablations:
    """The runs that the key ``ablations`` of an experiment describes.

    Raises:
        ConfigurationError: a variant is not valid, or a variant or set of this name does not exist.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self._config, self._schema = experiment.config, experiment.schema
        self._block = self._config["ablations"]
        self._files: dict[str, list[str]] = {}
        self.seeds: list[int] = self._block["seeds"]
        self.variants: list[str] = self._block["only"] or list(self._block["variants"])
        for variant in self.variants:
            _check_name("ablations.only", variant, self._block["variants"])
            variant_config(self._config, self._schema, variant, self.seeds[0])
        for test, selecting in self.select.items():
            _check_name("ablations.select", test, self.sets)
            _check_name("ablations.select", selecting, [*self.sets, *([DEV] if experiment.has_dev else [])])

    @cached_property
    def sets(self) -> dict[str, str]:
        """The aligned files of the sets, by name."""
        experiment = self.experiment
        tests = {test: experiment.test_data(test) for test in experiment.tests}
        return experiment.dev_data | tests

    @cached_property
    def select(self) -> dict[str, str]:
        """For each test set, the set that chooses its thresholds; ``dev`` are all dev sets together."""
        return self._block["select"] or {test: DEV for test in self.experiment.tests if self.experiment.has_dev}

    def settings(self, variant: str, seed: int) -> dict[str, Any]:
        """The settings that decide the result of a run."""
        run = run_settings(self._config, self._schema, variant, seed)
        return run | {"select": self.select, "sets": list(self.sets), "dev_weights": self.experiment.dev_weights}

    def common(self) -> dict[str, Any]:
        """The keys of ``StageSettings`` that are equal in all runs."""
        return {
            **unhashed_settings(self._config, JOINT_FINETUNE),
            **self.experiment.training_data(),
            "counts_of_folds": self.experiment.fold_files(),
            "dev_data": self.experiment.dev_data,
            "dev_weights": self.experiment.dev_weights,
            "scoring_resources": self._config["scoring_resources"],
        }

    def gpus(self, variant: str) -> int:
        """How many GPUs a run takes; counting takes none."""
        counts = self._block["variants"][variant].get("architecture") == CHANNEL
        return 0 if counts else min(self._config["num_gpus"], 1)

    def files(self, variant: str) -> list[str]:
        """The files that the settings of a run name: of its noise, and of the model that it starts from."""
        if variant not in self._files:
            values = variant_config(self._config, self._schema, variant, 0)
            noise = [path for stage in STAGES for path in noise_files(stage_noise(values, stage))]
            self._files[variant] = [*dict.fromkeys(noise), *pretrained_files(values["pretrained_model"])]
        return self._files[variant]


def _check_name(key: str, name: str, known: Any) -> None:
    if name not in known:
        raise ConfigurationError(f"{key} names {name}; expected one of {', '.join(known)}")
