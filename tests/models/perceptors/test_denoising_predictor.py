import pytest
import torch

from tests import tiny
from tests.models.perceptors.test_diffusion_perceptor import build, samples


@pytest.mark.parametrize('size', [(64, 64), (67, 101)])
def test_predictions_have_the_size_of_their_picture(size):
    model = build().eval()
    images = tiny.image(*size, batch=2)
    batch = samples(2, ori_shape=(90, 120))
    batch[1].set_metainfo(dict(ori_shape=size, flip=True, flip_direction='horizontal'))
    first, second = model(images, batch, mode='predict')
    assert first.pred_depth_map.shape == (90, 120)
    assert second.pred_depth_map.shape == size
    plain = model(images, mode='tensor')
    assert plain.shape == (2, 1, *size) and plain.min() >= 0 and plain.max() <= 1
    assert torch.equal(second.pred_depth_map.data, plain[1].flip(2))
    assert 'depth_uncertainty' not in first
    # A prediction does not depend on its batch, nor on chance.
    torch.testing.assert_close(model(images[:1])[0], plain[0], rtol=1e-4, atol=1e-4)


def test_an_ensemble_is_denoised_in_one_batch():
    model = build(ensemble=dict(type='DepthEnsemble', size=3)).eval()
    images = tiny.image(64, 64, 2)
    widths = []
    model.unet.register_forward_hook(lambda _, args, out: widths.append(len(args[0])))
    batch = model(images, samples(), mode='predict')
    assert widths == [6, 6]
    for sample in batch:
        assert sample.pred_depth_map.shape == sample.depth_uncertainty.shape
        assert sample.depth_uncertainty.data.max() > 0
    # Member by member, and merged.
    *_, last = model.denoising_steps(images)
    members = model.read(last.latents, (64, 64))
    expected = model.ensemble.merge(members[3:])[0]
    torch.testing.assert_close(batch[1].pred_depth_map.data, expected)


def test_every_step_is_handed_out():
    model = build(sampler=dict(steps=3, timestep_spacing='trailing')).eval()
    steps = list(model.denoising_steps(tiny.image()))
    assert [step.timestep for step in steps] == [999, 666, 332]
    maps = [model.read(step.clean, (64, 64)) for step in steps]
    assert all(each.shape == (1, 1, 64, 64) for each in maps)
