"""What the runs of an experiment's variants need."""

import pytest

from gaprelm.pipeline.experiment import Experiment
from gaprelm.studies.ablations.plan import Ablations
from tests.pipeline.test_configuration import DEFAULTS, SCHEMA


@pytest.mark.parametrize(("available", "taken"), [(0, 0), (1, 1), (4, 1)])
def test_counting_takes_no_gpu(available, taken):
    ablations = Ablations(Experiment({**DEFAULTS, "num_gpus": available}, SCHEMA, ("1-of-1",)))
    assert ablations.gpus("full") == ablations.gpus("gector") == taken
    assert ablations.gpus("channel") == 0
