"""The backend of torch gives what the model's own joint pass gives."""

import numpy as np
import pytest
import torch

from gaprelm.correction.backends.network import InferenceNetwork, plain_linear
from gaprelm.correction.backends.torch_backend import PackedLinear, TorchBackend
from gaprelm.edits.template import TEMPLATE_KINDS
from gaprelm.errors import CheckpointError
from gaprelm.model.settings import ModelSettings


def joint_pass(model, vocabulary, source, rows, template):
    """Probabilities of the planner and of the likeliest emittable token, by ``GapReLMModel`` itself."""
    tensors = {name: torch.from_numpy(array) for name, array in template.items()}
    ids, mask = torch.from_numpy(source.ids), torch.from_numpy(source.mask)
    with torch.inference_mode():
        planned = model(ids, mask)
        filled = model(ids[rows], mask[rows], **tensors)
        forbidden = torch.from_numpy(~vocabulary.emittable())
        shares = filled.infill_logits.masked_fill(forbidden, -torch.inf).softmax(-1)
        probabilities, tokens = shares.masked_fill(forbidden, 0.0).max(-1)
    heads = (planned.operation_logits, planned.insert_logits)
    return *(head.softmax(-1).numpy() for head in heads), tokens.numpy(), probabilities.numpy()


@pytest.mark.parametrize("kind", TEMPLATE_KINDS)
@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("tagging", [False, True])
@pytest.mark.parametrize("linear", ["packed", "plain"])
def test_equals_the_joint_pass(make_model, make_batch, monkeypatch, kind, passes, tagging, linear):
    if linear == "plain":
        monkeypatch.setattr("gaprelm.correction.backends.torch_backend._linear_for", lambda model: plain_linear)
    model, vocabulary = make_model(template=kind, encoder_passes=passes, enable_tagging=tagging)
    backend = TorchBackend(model, vocabulary)
    for seed in range(3):
        source, rows, template = make_batch(vocabulary, kind, seed)
        operations, inserts, tokens, probabilities = joint_pass(model, vocabulary, source, rows, template)
        planned = backend.plan(source)
        inside = source.mask[..., None]
        np.testing.assert_allclose(planned.operations * inside, operations * inside, atol=1e-5)
        np.testing.assert_allclose(planned.inserts * inside, inserts * inside, atol=1e-5)
        # From what the planner's pass left behind, and from nothing.
        for start in (planned.source, source):
            found, certainty = backend.fill(start, rows, template)
            np.testing.assert_array_equal(found, tokens)
            np.testing.assert_allclose(certainty, probabilities, atol=1e-5)


def test_what_may_not_be_written_takes_no_share(make_model, make_batch):
    model, vocabulary = make_model(template="masks")
    with torch.no_grad():
        model.infiller_head.predictions.bias[vocabulary.pad_id] = 30.0
    backend = TorchBackend(model, vocabulary)
    source, rows, template = make_batch(vocabulary, "masks")
    *_, tokens, probabilities = joint_pass(model, vocabulary, source, rows, template)
    found, certainty = backend.fill(backend.plan(source).source, rows, template)
    np.testing.assert_array_equal(found, tokens)
    np.testing.assert_allclose(certainty, probabilities, atol=1e-5)
    assert vocabulary.pad_id not in found


def test_a_sentence_alone_without_padding(make_model, make_batch):
    model, vocabulary = make_model(template="masks")
    source, rows, template = make_batch(vocabulary, "masks", texts=["我今天去学校上课。"])
    operations, _, tokens, _ = joint_pass(model, vocabulary, source, rows, template)
    planned = TorchBackend(model, vocabulary).plan(source)
    np.testing.assert_allclose(planned.operations, operations, atol=1e-5)
    np.testing.assert_array_equal(TorchBackend(model, vocabulary).fill(planned.source, rows, template)[0], tokens)


def test_only_the_template_goes_through_the_encoder(make_model, make_batch):
    model, vocabulary = make_model(template="masks")
    backend = TorchBackend(model, vocabulary)
    source, rows, template = make_batch(vocabulary, "masks")
    planned = backend.plan(source)
    seen = []
    hook = backend._network.layers[0].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape[1]))
    backend.fill(planned.source, rows, template)
    hook.remove()
    assert seen == [template["template_ids"].shape[1]]


def test_packed_products():
    weight, bias, states = torch.randn(48, 32), torch.randn(48), torch.randn(5, 7, 32)
    packed = PackedLinear(weight, bias)
    torch.testing.assert_close(packed(states), torch.nn.functional.linear(states, weight, bias), atol=1e-5, rtol=1e-5)


def test_bfloat16_stays_close(make_model, make_batch):
    model, vocabulary = make_model(template="masks")
    source, rows, template = make_batch(vocabulary, "masks")
    exact = TorchBackend(model, vocabulary).plan(source)
    rough = TorchBackend(model.to(torch.bfloat16), vocabulary)
    planned = rough.plan(source)
    assert planned.operations.dtype == np.float32
    np.testing.assert_allclose(planned.operations, exact.operations, atol=0.1)
    assert rough.fill(planned.source, rows, template)[1].dtype == np.float32


def test_a_new_backend_takes_the_weights_as_they_are(make_model, make_batch):
    model, vocabulary = make_model(template="masks")
    source, *_ = make_batch(vocabulary, "masks")
    backend = TorchBackend(model, vocabulary)
    before = backend.plan(source).operations
    with torch.no_grad():
        model.encoder.encoder.layer[0].intermediate.dense.weight.mul_(3)
    assert np.abs(TorchBackend(model, vocabulary).plan(source).operations - before).max() > 1e-4


def test_settings_need_every_key(make_model):
    config = make_model()[0].config.to_dict()
    assert ModelSettings.from_config(config).template == "sparse"
    config.pop("template")
    with pytest.raises(CheckpointError, match="here: no template; expected"):
        ModelSettings.from_config(config, "here")


def test_only_emittable_tokens_have_a_row(make_model):
    model, vocabulary = make_model()
    network = InferenceNetwork(model, vocabulary.emittable())
    assert network.project.weight.shape[0] == len(vocabulary) - 5
    assert network.tokens.tolist() == list(range(5, len(vocabulary)))
