from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from diffusers import UNet2DConditionModel
from mmengine.logging import MessageHub
from mmengine.registry import MODELS, TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData
from safetensors.torch import load_file

from diffmm.models.precision import run_in_bfloat16
from diffmm.models.windows import window_batches
from diffmm.structures import ConditionedImages
from tests import tiny


def build(seed=0, **options):
    torch.manual_seed(seed)
    config = dict(
        type='DiffusionPerceptor',
        arch=deepcopy(tiny.ARCHITECTURE),
        codec=dict(type='AffineDepthCodec'),
        objective=dict(schedule=dict(prediction_type='v_prediction')),
        sampler=dict(steps=2, timestep_spacing='trailing'),
    )
    return MODELS.build(config | options)


def samples(count=2, height=64, width=64, first=0, **meta):
    generator = torch.Generator().manual_seed(first)
    made = []
    for index in range(count):
        depth = torch.rand(1, height, width, generator=generator) * 8 + 1
        meta = dict(
            sample_idx=first + index,
            depth_range=(0.0, 10.0),
            depth_quantiles=(1.5, 8.5),
            **meta,
        )
        sample = BaseDataElement(gt_depth_map=PixelData(data=depth), metainfo=meta)
        made.append(sample)
        meta = {}
    return made


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('model'))


def test_a_step_reaches_every_parameter_that_trains():
    """DDP runs with ``find_unused_parameters=False`` on exactly this condition."""
    model = build(gradient_checkpointing=True).train()
    model(tiny.image(64, 64, 2), samples(), mode='loss')['loss_denoising'].backward()
    named = dict(model.named_parameters())
    assert not [n for n, p in named.items() if p.requires_grad and p.grad is None]
    assert {n.split('.')[0] for n, p in named.items() if not p.requires_grad} == {'vae'}
    assert not model.vae.training


def test_gradient_checkpointing_changes_nothing():
    gradients = []
    for flag in (False, True):
        model = build(gradient_checkpointing=flag).train()
        assert model.vae.keeps_freed_memory is not flag
        model.loss(tiny.image(64, 64, 2), samples())['loss_denoising'].backward()
        gradients.append(model.unet.conv_in.weight.grad)
    torch.testing.assert_close(*gradients)


def test_low_rank_adapters_train_with_the_input_layer():
    model = build(trainable=dict(type='lora', rank=2))
    trained = {n for n, p in model.named_parameters() if p.requires_grad}
    assert {'unet.conv_in.weight', 'unet.conv_in.bias'} < trained
    assert all('.lora_' in name or '.conv_in.' in name for name in trained)


def test_the_encoder_in_half_precision_leaves_the_decoder_exact():
    exact, half = build().eval(), build(vae_dtype='bfloat16').eval()
    dtypes = {
        name: {each.dtype for each in part.parameters()}
        for name, part in half.vae.named_children()
    }
    assert dtypes.pop('encoder') == dtypes.pop('quant_conv') == {torch.bfloat16}
    assert dtypes == dict(decoder={torch.float32}, post_quant_conv={torch.float32})
    assert {each.dtype for each in half.unet.parameters()} == {torch.float32}
    images = tiny.image(64, 64, 2)
    (expected, _), (found, _) = (
        model.encode_pictures(images) for model in (exact, half)
    )
    assert found.dtype == torch.float32
    assert 0 < (found - expected).abs().max() < 0.05 * expected.abs().max()
    picture = exact.vae.draw(expected)
    assert torch.equal(half.vae.draw(expected), picture)
    rounded = build(decoder_dtype='bfloat16').vae.draw(expected)
    assert rounded.dtype == torch.float32
    assert 0 < (rounded - picture).abs().max() < 0.1 * picture.abs().max()


def test_the_unet_in_bfloat16_returns_single_precision():
    model = build().eval()
    images = tiny.image(64, 64, 2)
    with torch.no_grad():
        conditioning = model.encode(images)[0]
        noisy = torch.randn_like(conditioning.image)
        expected = model.denoise(conditioning, noisy, torch.tensor(3))
        assert run_in_bfloat16(model)
        found = model.denoise(conditioning, noisy, torch.tensor(3))
    assert found.dtype == torch.float32
    assert 0 < (found - expected).abs().max() < 0.1 * expected.abs().max()


def test_timestep_and_noise_belong_to_the_sample():
    """However a batch is divided, and whatever was drawn before."""
    model = build().train()
    hub = MessageHub.get_current_instance()
    losses = []
    with pytest.MonkeyPatch.context() as patch:
        for iteration, rows in ((3, (0, 2)), (3, (0, 1)), (3, (1, 2)), (4, (0, 2))):
            patch.setitem(hub.runtime_info, 'seed', 5)
            patch.setitem(hub.runtime_info, 'iter', iteration)
            torch.rand(iteration + rows[1])
            images, batch = (
                x[slice(*rows)] for x in (tiny.image(64, 64, 2), samples())
            )
            losses.append(model.loss(images, batch)['loss_denoising'].item())
    whole, *halves, later = losses
    assert sum(halves) / 2 == pytest.approx(whole, rel=1e-5)
    assert abs(later - whole) > 1e-3


def test_a_sample_without_a_number_is_refused():
    model = build()
    batch = samples()
    batch[1] = BaseDataElement(
        gt_depth_map=batch[1].gt_depth_map,
        metainfo={k: v for k, v in batch[1].metainfo.items() if k != 'sample_idx'},
    )
    with pytest.raises(ValueError, match="'sample_idx' .* meta_keys"):
        model.loss(tiny.image(64, 64, 2), batch)


def test_targets_that_cannot_be_drawn_count_nowhere():
    model = build().train()
    images, batch = tiny.image(64, 64, 2), samples()
    alone = model.loss(images[:1], batch[:1])  # warms up nothing but the sampler
    batch[1].gt_depth_map.data.fill_(0)
    batch[1].set_metainfo(dict(depth_quantiles=(float('nan'), float('nan'))))
    with pytest.warns(UserWarning, match='1 of 2 depth maps have no valid depth'):
        loss = model.loss(images, batch)['loss_denoising']
    assert torch.isfinite(loss) and loss > 0 and torch.isfinite(alone['loss_denoising'])
    empty = model.loss(images[1:], batch[1:])['loss_denoising']
    empty.backward()
    gradients = [p.grad for p in model.unet.parameters()]
    assert empty == 0 and not any(g.any() for g in gradients)
    assert model.codec.num_skipped == 2


def test_windows_of_a_picture_make_one_prediction():
    options = dict(mode='slide', crop_size=(64, 64), stride=(32, 32))
    options['windows_per_batch'] = 1
    whole, slide = build().eval(), build(test_cfg=options).eval()
    small, wide = tiny.image(64, 64), tiny.image(64, 128)
    assert torch.equal(whole(small), slide(small))
    assert not torch.allclose(whole(wide), slide(wide))
    shapes = []
    slide.unet.register_forward_hook(lambda _, args, out: shapes.append(args[0].shape))
    slide(wide)
    assert len(shapes) == 2 * 3 and {tuple(s[-2:]) for s in shapes} == {(8, 8)}
    alone = slide(wide)
    shapes.clear()
    slide._window_batches = window_batches(options | dict(windows_per_batch=3))
    torch.testing.assert_close(slide(wide), alone, rtol=1e-4, atol=1e-5)
    assert [shape[0] for shape in shapes] == [3, 3]


@torch.no_grad()
def test_what_does_not_change_is_computed_once():
    model = build(sampler=dict(steps=3)).eval()
    torch.nn.init.normal_(model.unet.conv_in.weight)
    images = tiny.image(64, 64)
    texts = []
    model.unet.down_blocks[0].attentions[0].transformer_blocks[
        0
    ].attn2.to_k.register_forward_hook(lambda *_: texts.append(1))
    *_, kept = model.denoising_steps(images)
    assert len(texts) == 1
    # As if every step computed everything.
    model.keep = lambda conditioning: conditioning
    *_, plain = model.denoising_steps(images)
    assert len(texts) == 1 + 3
    torch.testing.assert_close(kept.latents, plain.latents, rtol=1e-6, atol=1e-6)


def test_texts_of_images():
    prompt = dict(type='TextPrompt', num_tokens=6)
    model = build(prompt=prompt).eval()
    images = tiny.image(64, 64, 2)
    with pytest.raises(RuntimeError, match='needs the text of every image'):
        model(images)
    one, other = (
        model(ConditionedImages(images, texts))
        for texts in (('a cat', 'a dog'), ('a cat', 'the sky'))
    )
    assert torch.equal(one[0], other[0]) and not torch.equal(one[1], other[1])


def saved(folder):
    return load_file(folder / 'unet' / 'diffusion_pytorch_model.safetensors')


def test_weights_of_stable_diffusion_are_widened(folder):
    model = build(pretrained=str(folder))
    noise = model.prompt.embeddings.clone()
    with tiny.quiet():
        model.init_weights()
    weight = saved(folder)['conv_in.weight']
    expected = torch.cat([weight, weight], dim=1) / 2
    assert torch.equal(model.unet.conv_in.weight, expected)
    assert not torch.allclose(model.prompt.embeddings, noise, atol=1e-2)
    assert model.prompt.embeddings.shape == (2, tiny.WIDTH)


def test_weights_of_a_perceptor_are_taken_as_they_are(folder, tmp_path):
    """A checkpoint of Marigold's training holds the UNet alone, in a pickle."""
    unet = UNet2DConditionModel(**tiny.UNET | dict(in_channels=8))
    unet.save_pretrained(tmp_path / 'unet', safe_serialization=False)
    model = build(pretrained=str(folder), pretrained_unet=str(tmp_path))
    with tiny.quiet():
        model.init_weights()
    for name, tensor in unet.state_dict().items():
        assert torch.equal(model.unet.state_dict()[name], tensor)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(vae_dtype='int8'), "vae_dtype must .*'bfloat16'.*got 'int8'"),
        (dict(decoder_dtype='half'), "decoder_dtype must .*'float16'.*got 'half'"),
        (dict(test_cfg=dict(mode='crop')), "mode must be one of .* got 'crop'"),
        (
            dict(test_cfg=dict(mode='slide', crop_size=(64, 60), stride=(32, 32))),
            r'windows of \(64, 60\)',
        ),
        (dict(objective=dict(schedule=dict(prediction_type='x'))), "got 'x'"),
        (
            dict(objective=dict(schedule=dict(rescale_betas_zero_snr=True))),
            'ends in pure noise',
        ),
        (
            dict(
                objective=dict(schedule=dict(prediction_type='sample')),
                sampler=dict(scheduler='PNDMScheduler'),
            ),
            "PNDMScheduler .* predicts 'sample'",
        ),
        (dict(ensemble=dict(type='DepthEnsemble', size=1)), 'at least 2 members'),
        (dict(pretrained_unet='iter_1'), "pretrained_unet='iter_1' has a UNet alone"),
    ],
    ids=str,
)
def test_parts_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_an_input_init_that_nobody_knows(folder):
    model = build(pretrained=str(folder), input_init='third')
    with pytest.raises(ValueError, match="input_init must be .* got 'third'"):
        model.init_weights()


def test_an_unknown_mode():
    with pytest.raises(ValueError, match="got 'train'"):
        build()(tiny.image(), mode='train')


def test_parts_may_be_exchanged_later():
    """As hooks do."""
    model = build().train()
    drawn = []

    class Last:
        def __call__(self, count, length, generator=None):
            drawn.append(length)
            return torch.full((count,), length - 1)

    model.objective.timesteps = Last()
    model.loss(tiny.image(64, 64, 2), samples())
    assert drawn == [1000]
    assert TASK_UTILS.build(dict(type='UniformTimesteps'))
