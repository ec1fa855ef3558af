import pytest
import torch

from diffmm.models.backbones import DiffusionFeatures
from diffmm.models.backbones.promised_features import promise_features
from tests import tiny


@pytest.mark.parametrize('size', [(64, 128), (100, 70)])
@pytest.mark.parametrize('steps', [1, 3])
def test_shapes_are_those_of_the_real_features(size, steps):
    backbone = tiny.build_backbone(
        prompt=dict(type='MetaPrompts', num_prompts=5, num_steps=steps),
        attention=dict(max_size=32),
        refinement_steps=steps,
    )
    with torch.no_grad():
        actual, promised = (
            backbone(tiny.image(*size)),
            promise_features(backbone, *size),
        )
        for step in range(1, steps + 1):
            assert isinstance(promised, DiffusionFeatures)
            assert [m.shape for m in promised] == [m.shape for m in actual]
            assert promised.latents.shape == actual.latents.shape
            assert torch.equal(promised.context, actual.context)
            assert (promised.prediction is None) == (actual.prediction is None)
            if step < steps:
                assert promised.prediction.shape == actual.prediction.shape
                actual = actual.denoise(actual.prediction, step=step)
                promised = promised.denoise(promised.prediction, step=step)
    assert actual.prediction is None


def test_the_unet_is_not_run(monkeypatch):
    backbone = tiny.build_backbone(refinement_steps=2)
    monkeypatch.setattr(
        backbone.unet, 'forward', lambda *_: pytest.fail('the UNet was run')
    )
    features = promise_features(backbone, 64, 64)
    features.denoise(features.prediction, step=1)


def test_prompts_that_need_a_text_get_an_example():
    backbone = tiny.build_backbone(prompt=dict(type='ExpressionPrompt', num_tokens=8))
    assert promise_features(backbone, 64, 64).context.shape == (1, 8, tiny.WIDTH)
