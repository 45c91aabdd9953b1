"""A model in steps proposes what it proposes at once."""

from gaprelm.service.yielding import Yielding


def test_steps_hold_a_number_of_characters_and_give_the_same(model):
    texts = ["我再家" * 3, "再家", "他在在这里", "再家" * 9, "不公园", ""]
    at_once, steps = model(texts), []
    model.batches.clear()
    found = Yielding(model, lambda: steps.append(len(model.batches)), 36, 10)(texts, 8, thresholds=None)
    assert found == at_once
    assert sorted(text for batch in model.batches for text in batch) == sorted(texts)
    assert [[len(text) for text in batch] for batch in model.batches] == [[0, 2, 3], [5], [9], [18]]
    assert steps == [0, 1, 2, 3], "something else may be done before each"
    assert Yielding(model, steps.clear, 37, 10)(texts) == at_once
    assert model.batches[-1] == texts, "few characters are read at once"
    assert steps
