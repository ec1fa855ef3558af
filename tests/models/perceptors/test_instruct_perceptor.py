from __future__ import annotations

from collections import Counter
from copy import deepcopy

import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement, PixelData

from diffmm.diffusion import InstructGuidance
from diffmm.models.precision import run_in_bfloat16
from diffmm.models.windows import window_batches
from diffmm.structures import ConditionedImages
from tests import tiny

GUIDED = dict(text=3.0, image=1.5, correction=1.0)


def build(seed=0, **options):
    torch.manual_seed(seed)
    config = dict(
        type='InstructPerceptor',
        arch=deepcopy(tiny.ARCHITECTURE),
        codec=dict(type='WhiteMaskCodec'),
        prompt=dict(type='TrainedTextPrompt', num_tokens=8),
        objective=dict(schedule=dict(prediction_type='sample')),
        sampler=dict(steps=2, timestep_spacing='trailing'),
        dropout={},
    )
    return MODELS.build(config | options)


def images(*texts, size=64):
    return ConditionedImages(tiny.image(size, size, len(texts)), texts)


def samples(count=2, size=64, **meta):
    made = []
    for index in range(count):
        mask = torch.zeros(1, size, size, dtype=torch.uint8)
        mask[0, 8 : 24 + 8 * index, 10:30] = 1
        meta = dict(sample_idx=index, **meta)
        made.append(BaseDataElement(gt_sem_seg=PixelData(data=mask), metainfo=meta))
        meta = {}
    return made


@pytest.fixture(scope='module')
def model():
    """One with random filters for both inputs, so that the image matters."""
    return build(guidance=GUIDED).eval()


def test_the_unet_in_bfloat16_is_guided_too():
    model = build(guidance=GUIDED).eval()
    batch, denied = images('a cat', 'a dog'), [['a dog'], ['a cat']]
    expected = last(model, batch, corrections=denied)
    assert run_in_bfloat16(model)
    found = last(model, batch, corrections=denied)
    assert found.dtype == torch.float32
    assert 0 < (found - expected).abs().max() < 0.2 * expected.abs().max()


@pytest.mark.parametrize('codec', ['WhiteMaskCodec', 'OverlayMaskCodec'])
def test_a_step_reaches_every_parameter_that_trains(codec):
    """The text encoder's, too; DDP counts on it."""
    model = build(codec=dict(type=codec), gradient_checkpointing=True).train()
    loss = model(images('a cat', 'a dog'), samples(), mode='loss')['loss_denoising']
    loss.backward()
    named = dict(model.named_parameters())
    assert not [n for n, p in named.items() if p.requires_grad and p.grad is None]
    assert {n.split('.')[0] for n, p in named.items() if not p.requires_grad} == {'vae'}


def test_predictions_have_both_frames(model):
    found = model(
        images('a cat', 'a dog'), samples(ori_shape=(90, 120)), mode='predict'
    )
    assert found[0].pred_sem_seg.shape == (90, 120)
    assert found[0].network_sem_seg.shape == (64, 64)
    assert 0 <= found[0].metainfo['mask_score'] <= 1
    assert set(found[0].pred_sem_seg.data.unique().tolist()) <= {0, 1}


def last(model, batch, **options):
    *_, step = model.denoising_steps(batch, **options)
    return step.latents


def test_a_prediction_depends_on_its_text_and_its_seed_alone(model):
    pair = last(model, images('a cat', 'a dog'))
    batch = images('a cat', 'the sky')
    other = last(model, batch)
    torch.testing.assert_close(pair[0], other[0], rtol=1e-4, atol=1e-4)
    assert not torch.allclose(pair[1], other[1], atol=1e-3)
    assert torch.equal(other, last(model, batch))
    assert not torch.allclose(other, last(model, batch, seed=5), atol=1e-2)
    assert len(list(model.denoising_steps(batch, steps=3))) == 3


def count_rows(model, **options):
    rows = []
    hook = model.unet.register_forward_hook(
        lambda _, args, out: rows.append(len(out.sample))
    )
    last(model, images('a cat', 'a dog'), **options)
    hook.remove()
    return rows


def test_branches_are_one_call_and_no_guidance_costs_nothing(model):
    denied = [['a tree'], ['a fish']]
    assert count_rows(model) == [6, 6]
    assert count_rows(model, corrections=denied) == [8, 8]
    off = InstructGuidance(text=1, image=1)
    assert count_rows(model, guidance=off) == [2, 2]
    assert count_rows(model, guidance=off, corrections=denied) == [2, 2]


def test_what_does_not_change_is_computed_once(model, monkeypatch):
    """Keys and values of every layer, the image's part, texts and image."""
    calls = Counter()

    def count(module, name):
        run = getattr(module, name)

        def counted(*args, **kwargs):
            calls[module, name] += 1
            return run(*args, **kwargs)

        monkeypatch.setattr(module, name, counted)

    layers = [
        getattr(module.attn2, name)
        for module in model.unet.modules()
        if hasattr(module, 'attn2')
        for name in ('to_k', 'to_v')
    ]
    for layer in layers:
        count(layer, 'forward')
    count(model.unet.conv_in, 'image_part')
    count(model.vae, 'posterior')
    count(model.prompt, 'forward')
    count(model.unet, 'forward')
    last(model, images('a cat'), corrections=[['a dog']], steps=4)
    assert calls.pop((model.unet, 'forward')) == 4
    assert len(calls) == len(layers) + 3 and set(calls.values()) == {1}


@pytest.mark.parametrize('kind', ['epsilon', 'v_prediction', 'sample'])
def test_any_prediction_and_sampler_is_guided(kind):
    """One guidance of what the network predicts; that of clean latents is the same."""
    model = build(
        objective=dict(schedule=dict(prediction_type=kind)),
        sampler=dict(scheduler='EulerDiscreteScheduler', steps=2),
        guidance=GUIDED,
    ).eval()
    batch, denied = images('a cat'), [['a dog']]
    off = last(model, batch, guidance=InstructGuidance(1.0, 1.0))
    plain = last(model, batch, guidance=InstructGuidance(3.0, 1.5))
    found = last(model, batch, corrections=denied)
    assert not torch.allclose(found, plain, atol=1e-3)
    assert not torch.allclose(plain, off, atol=1e-3)
    nothing = InstructGuidance(3.0, 1.5, correction=0.0)
    same = last(model, batch, corrections=denied, guidance=nothing)
    assert torch.equal(same, plain)
    # The first step by hand, in the space of clean latents.
    image, noisy = model.encode_pictures(batch.plain())[0], torch.randn(1, 4, 8, 8)
    timestep = torch.tensor([700])

    def clean(guidance):
        network = model.guide(image, batch.texts, denied, guidance)
        with torch.no_grad():
            predicted = network(noisy, timestep[0])
        return model.objective.recover_clean(predicted, noisy, timestep)

    # e(D, I), the correction's branch, and what guides by both.
    whole = clean(InstructGuidance(1.0, 1.0))
    wrong = 2 * whole - clean(InstructGuidance(2.0, 1.0, correction=1.0))
    found = clean(InstructGuidance(4.0, 1.0, correction=3.0))
    torch.testing.assert_close(found, 4 * whole - 3 * wrong, rtol=1e-3, atol=1e-3)


def test_four_branches_are_four_calls(model):
    """Computing it once, and in one call, changes nothing."""
    batch, denied = images('a cat', 'a dog'), [['a tree'], ['a fish']]
    network = model.guide(
        model.encode_pictures(batch.plain())[0],
        batch.texts,
        denied,
        InstructGuidance(**GUIDED),
    )
    noisy, timestep = torch.randn(2, 4, 8, 8), torch.tensor(400)
    with torch.no_grad():
        for _ in range(2):  # the second call reads what the first one kept
            found = network(noisy, timestep)
        image = model.encode_pictures(batch.plain())[0]
        nothing = torch.zeros_like(image)
        empty = ('', '')

        def run(seen, said):
            return model.denoise(model.tell(seen, said), noisy, timestep)

        none, seen = run(nothing, empty), run(image, empty)
        wrong = run(image, [own[0] for own in denied])
        whole = run(image, batch.texts)
    expected = none + 1.5 * (seen - none) + 2 * (wrong - seen) + 3 * (whole - wrong)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_a_correction_changes_what_it_corrects(model):
    batch = images('a cat', 'a dog')
    plain = last(model, batch)
    same, other = (
        last(model, batch, corrections=[[text], ['a fish']])
        for text in ('a tree', 'the sea')
    )
    assert not torch.allclose(plain, same, atol=1e-3)
    assert torch.allclose(same[1], other[1], atol=1e-4)
    assert not torch.allclose(same[0], other[0], atol=1e-3)


def test_windows_share_one_guided_prediction():
    options = dict(mode='slide', crop_size=(64, 64), stride=(32, 32))
    options['windows_per_batch'] = 6
    slide, whole = build(test_cfg=options, guidance=GUIDED), build(guidance=GUIDED)
    small = images('a cat')
    torch.testing.assert_close(
        last(slide.eval(), small), last(whole.eval(), small), rtol=1e-4, atol=1e-4
    )
    wide = ConditionedImages(tiny.image(64, 96), ['a cat'])
    together = last(slide, wide)
    assert together.shape == (1, 4, 8, 12)
    # Two windows share a batch, and the texts of their three branches.
    slide._window_batches = window_batches(options | dict(windows_per_batch=1))
    torch.testing.assert_close(together, last(slide, wide), rtol=1e-4, atol=1e-5)


def test_corrections_are_checked(model):
    with pytest.raises(ValueError, match="'A  Cat' is what shall be found"):
        last(model, images('a cat'), corrections=[['A  Cat']])


def test_images_without_texts(model):
    with pytest.raises(ValueError, match='needs the text of every image'):
        model(tiny.image())
    with pytest.raises(ValueError, match="must be one of .* got 'mean'"):
        build(target_sampling='mean')


def test_conditions_are_left_out_in_training():
    """Text and image of a sample, and never at test."""
    model = build(dropout=dict(text=0.0, both=1.0, image=0.0)).train()
    batch = images('a cat', 'a dog')
    generators = [torch.Generator().manual_seed(i) for i in range(2)]
    conditioning, clean = model.encode(batch, tiny.image(64, 64, 2), generators)
    assert not conditioning.image.any() and clean.shape == (2, 4, 8, 8)
    assert torch.equal(conditioning.context, model.prompt(2, ('', '')))
    assert conditioning.visible.sum(dim=1).tolist() == [2, 2]
    kept, nothing = model.encode(batch)
    assert kept.image.any() and nothing is None
    assert kept.visible.sum(dim=1).tolist() == [4, 4]


def test_a_smaller_target_is_more_noise():
    """Training and reading agree about the scale."""
    plain, scaled = build(dropout=None), build(dropout=None, target_scale=0.5)
    batch, target = images('a cat'), tiny.image(64, 64)
    (_, whole), (_, half) = (
        model.encode(batch, target, [torch.Generator().manual_seed(0)])
        for model in (plain, scaled)
    )
    torch.testing.assert_close(half * 2, whole)
    found = scaled.read(half, (64, 64))
    torch.testing.assert_close(found, plain.read(whole, (64, 64)))
    with pytest.raises(ValueError, match='target_scale must be positive, got 0'):
        build(target_scale=0)


def test_overlays_are_compared_with_what_the_vae_makes_of_the_image():
    model = build(codec=dict(type='OverlayMaskCodec', opacity=0.5)).eval()
    batch = ConditionedImages(tiny.image(67, 70), ['a cat'])
    reference = model.reference(batch)
    assert reference.shape == (1, 3, 67, 70)
    *_, step = model.denoising_steps(batch)
    size = (67, 70)
    found = model.read(step.clean, size, reference)
    pictures = model.vae.draw(step.clean)[..., :67, :70]
    assert torch.equal(found, model.codec.decode(pictures, reference))
    other = build(codec=dict(type='OverlayMaskCodec', reference='input'))
    assert torch.equal(other.reference(batch), batch.plain())
