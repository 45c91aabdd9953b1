"""Which runs the ablations of an experiment are, on which sets they are compared, and what each depends on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from gaprelm.data.sources import repeats
from gaprelm.errors import ConfigurationError
from gaprelm.noise.settings import noise_files
from gaprelm.pipeline.experiment import DEV, Experiment
from gaprelm.pipeline.selection import stage_noise, unhashed_settings
from gaprelm.stages import JOINT_FINETUNE, STAGES
from gaprelm.studies.ablations.variants import run_settings, variant_config


class Ablations:
    """The key ``ablations`` of an experiment.

    Raises:
        ConfigurationError: a variant that cannot be, or the name of a variant or set that there is not.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self._config, self._schema = experiment.config, experiment.schema
        self._block = self._config["ablations"]
        self.seeds: list[int] = self._block["seeds"]
        self.variants: list[str] = self._block["only"] or list(self._block["variants"])
        for variant in self.variants:
            _check_name("ablations.only", variant, self._block["variants"])
            variant_config(self._config, self._schema, variant, self.seeds[0])
        for test, selecting in self.select.items():
            _check_name("ablations.select", test, self.sets)
            _check_name("ablations.select", selecting, self.sets)

    @cached_property
    def sets(self) -> dict[str, str]:
        """The aligned files of the sets, by their names."""
        experiment = self.experiment
        tests = {test: experiment.test_data(test) for test in experiment.tests}
        return dict(zip([DEV], experiment.dev_data, strict=False)) | tests

    @cached_property
    def select(self) -> dict[str, str]:
        """Which set chooses the thresholds for which."""
        return self._block["select"] or {test: DEV for test in self.experiment.tests if self.experiment.has_dev}

    def settings(self, variant: str, seed: int) -> dict[str, Any]:
        """What decides the result of a run."""
        run = run_settings(self._config, self._schema, variant, seed)
        return run | {"select": self.select, "repeats": repeats(self._config), "sets": list(self.sets)}

    def common(self) -> dict[str, Any]:
        """Keys of ``StageSettings`` that are equal in all runs."""
        return {
            **unhashed_settings(self._config, JOINT_FINETUNE),
            **self.experiment.training_data(),
            "repeats": repeats(self._config),
            "dev_data": next(iter(self.experiment.dev_data), None),
            "scoring_resources": self._config["scoring_resources"],
        }

    def noise_files(self, variant: str) -> list[str]:
        """The files that the generated errors of a run follow."""
        values = variant_config(self._config, self._schema, variant, 0)
        return [path for stage in STAGES for path in noise_files(stage_noise(values, stage))]


def _check_name(key: str, name: str, known: Any) -> None:
    if name not in known:
        raise ConfigurationError(f"{key} names {name}; expected one of {', '.join(known)}")
