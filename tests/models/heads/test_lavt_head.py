from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

import diffmm  # noqa: F401

LOSS = dict(type='mmseg.CrossEntropyLoss', class_weight=[0.9, 1.1], avg_non_ignore=True)
CHANNELS = [3, 5, 7, 6]


def build(**options):
    config = dict(type='LAVTHead', in_channels=CHANNELS, channels=4, loss_decode=LOSS)
    return MODELS.build(config | options)


def maps(*sizes: tuple[int, int]) -> list[torch.Tensor]:
    return [
        torch.randn(2, channels, *size, dtype=torch.float64)
        for channels, size in zip(CHANNELS, sizes, strict=True)
    ]


@pytest.mark.parametrize(
    ('num_tokens', 'parameters'), [(40, 39_176_962), (77, 39_603_202)]
)
def test_number_of_parameters_is_the_released_one(num_tokens, parameters):
    channels = [320, 640 + num_tokens, 1280 + num_tokens, 1280]
    with torch.device('meta'):
        head = build(in_channels=channels, channels=640)
    assert sum(parameter.numel() for parameter in head.parameters()) == parameters


def upsample(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear, corners on corners, written out. (B, C, h, w) -> (B, C, H, W)"""
    result = image
    for axis, size in ((2, height), (3, width)):
        old = result.shape[axis]
        position = np.arange(size) * (old - 1) / max(size - 1, 1)
        low = np.minimum(position.astype(int), old - 1)
        high = np.minimum(low + 1, old - 1)
        weight = (position - low).reshape([-1 if a == axis else 1 for a in range(4)])
        take = result.take
        result = take(low, axis) * (1 - weight) + take(high, axis) * weight
    return result


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """3x3, zeros around."""
    _, _, height, width = image.shape
    padded = np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1)))
    result = 0
    for y in range(3):
        for x in range(3):
            window = padded[:, :, y : y + height, x : x + width]
            result = result + np.einsum('bchw,dc->bdhw', window, kernel[:, :, y, x])
    return result


def normalize(image: np.ndarray, norm: torch.nn.BatchNorm2d) -> np.ndarray:
    """Batch norm in eval mode."""
    values = (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    mean, var, scale, bias = (v.detach().numpy()[:, None, None] for v in values)
    return (image - mean) / np.sqrt(var + norm.eps) * scale + bias


@pytest.mark.parametrize(
    'sizes',
    [((16, 16), (8, 8), (4, 4), (2, 2)), ((9, 13), (5, 7), (3, 4), (2, 2))],
    ids=['square', 'odd'],
)
def test_logits_follow_the_formula(sizes):
    head = build().double().eval()
    for module in head.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(module.weight)
            torch.nn.init.normal_(module.bias)
    features = maps(*sizes)
    *finer, fused = (feature.numpy() for feature in features)
    for fusion, feature in zip(head.fusions, reversed(finer), strict=True):
        fused = np.concatenate([upsample(fused, *feature.shape[2:]), feature], axis=1)
        for first in (0, 3):
            kernel = fusion[first].weight.detach().numpy()
            fused = normalize(convolve(fused, kernel), fusion[first + 1])
            fused = np.maximum(fused, 0)
    weight = head.conv_seg.weight.detach().numpy()[:, :, 0, 0]
    expected = np.einsum('bchw,dc->bdhw', fused, weight)
    expected += head.conv_seg.bias.detach().numpy()[:, None, None]
    with torch.no_grad():
        logits = head(features)
    assert logits.shape == (2, 2, *sizes[0])
    np.testing.assert_allclose(logits.numpy(), expected, rtol=1e-9, atol=1e-9)


def test_loss_is_torch_s_weighted_mean():
    head = build().double()
    logits = torch.randn(2, 2, 6, 8, dtype=torch.float64)
    labels = torch.randint(0, 2, (2, 1, 24, 32))
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label)) for label in labels]
    losses = head.loss_by_feat(logits, samples)
    large = upsample(logits.numpy(), 24, 32)
    weight = torch.tensor([0.9, 1.1], dtype=torch.float64)
    theirs = F.cross_entropy(torch.from_numpy(large), labels[:, 0], weight)
    # Written out: sum of w[y] * -log p[y] over the sum of w[y].
    log_p = large - np.log(np.exp(large).sum(axis=1, keepdims=True))
    truth = labels.numpy()
    weights = np.where(truth == 1, 1.1, 0.9)
    losses_of_pixels = -np.take_along_axis(log_p, truth, axis=1)
    ours = (weights * losses_of_pixels).sum() / weights.sum()
    assert theirs.item() == pytest.approx(ours, rel=1e-12)
    # mmsegmentation keeps the weights in float32.
    assert losses['loss_ce'].item() == pytest.approx(ours, rel=1e-6)


def test_norm_is_an_option_and_initialization_is_torch_s():
    head = build(norm_cfg=dict(type='GN', num_groups=2))
    assert sum(isinstance(m, torch.nn.GroupNorm) for m in head.modules()) == 6
    before = {name: value.clone() for name, value in head.state_dict().items()}
    head.init_weights()
    for name, value in head.state_dict().items():
        assert torch.equal(value, before[name]), name
    kernel = head.fusions[0][0].weight
    # Uniform within 1 / sqrt(fan in).
    bound = (kernel[0].numel()) ** -0.5
    assert 0.9 * bound < kernel.abs().max() <= bound


def test_every_parameter_gets_a_gradient_and_nothing_is_advised():
    with warnings.catch_warnings():
        warnings.filterwarnings('error', message='For binary segmentation')
        head = build().double()
    head(maps((16, 16), (8, 8), (4, 4), (2, 2))).square().mean().backward()
    assert all(parameter.grad is not None for parameter in head.parameters())


def test_one_map_is_too_few():
    with pytest.raises(ValueError, match=r'two maps or more, got in_channels=\[3\]'):
        build(in_channels=[3])
