"""The average of the weights: its formula, its place in evaluation and result, and that it survives a kill."""

import pytest
import torch
from safetensors.torch import load_file

from gaprelm.training.averaging import WeightAverage
from gaprelm.training.checkpoints import last_checkpoint
from tests.training.conftest import train
from tests.training.test_resume import kill_when_there, same_weights


@pytest.fixture
def model(make_model):
    return make_model()[0]


def after_steps(model, average, values):
    """Give every weight these values, one after the other, and let the average see each."""
    for value in values:
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.fill_(value)
        average.on_step_end(None, None, None, model=model)


def averaged(model, average):
    with average.in_place_of_weights(model):
        return {float(x) for parameter in model.parameters() for x in parameter.detach().aminmax()}


def test_the_average_is_exponential_and_short_at_the_start(model):
    average = WeightAverage(0.25)
    after_steps(model, average, [1.0, 2.0, 4.0])
    first = 2 / 11  # (1 + n) / (10 + n) after one step
    second = first * 1.0 + (1 - first) * 2.0
    expected = 0.25 * second + 0.75 * 4.0  # after two steps 3 / 12 = 0.25, and never more
    (found,) = {round(value, 5) for value in averaged(model, average)}
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_weights_come_back_after_an_error(model):
    average = WeightAverage(0.9)
    after_steps(model, average, [1.0, 3.0])
    with pytest.raises(ValueError, match="x"), average.in_place_of_weights(model):
        raise ValueError("x")
    assert all((parameter == 3.0).all() for parameter in model.parameters())


def test_a_saved_average_goes_on_as_if_it_had_not_been_saved(model, tmp_path):
    whole, saved, again = WeightAverage(0.9), WeightAverage(0.9), WeightAverage(0.9)
    after_steps(model, saved, [1.0, 2.0])
    saved.save(tmp_path)
    again.load(tmp_path, model)
    after_steps(model, again, [5.0])
    after_steps(model, whole, [1.0, 2.0, 5.0])
    assert averaged(model, again) == averaged(model, whole)
    # Of a checkpoint without one nothing is read.
    WeightAverage(0.9).load(tmp_path / "nothing", model)


@pytest.mark.parametrize("changes", [{}, {"dev_data": {}}])
def test_the_result_is_the_average(stage, changes):
    path = stage("average", ema_decay=0.9, num_epochs=2, save_steps=10, eval_steps=10, **changes)
    result = train(path)
    assert result.returncode == 0, result.stderr
    assert "weights averaged with decay 0.9" in result.stderr
    checkpoint = last_checkpoint(next((path.parent / "work").glob("*/*")))
    weights, found = (load_file(folder / "model.safetensors") for folder in (checkpoint, path.parent / "best"))
    average = torch.load(checkpoint / "average.pt", weights_only=True)
    assert average["n_averaged"] == 10
    for name in weights:
        assert torch.equal(found[name], average[f"module.{name}"])
    assert not all(torch.equal(found[name], weights[name]) for name in weights)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_stage_goes_on_to_the_same_average(stage, processes):
    changes = {"num_epochs": 8, "eval_steps": 6, "batch_size": 8 // processes, "ema_decay": 0.8, "lr_schedule": "wsd"}
    whole, killed = stage("whole", **changes), stage("killed", **changes)
    assert train(whole, processes).returncode == 0
    kill_when_there(killed, processes, "work/*/*/checkpoint-8/complete")
    again = train(killed, processes)
    assert again.returncode == 0, again.stderr
    assert "going on from" in again.stderr
    same_weights(whole, killed)
