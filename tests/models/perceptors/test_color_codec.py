"""Answers as colors that fill the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from mmengine.structures import BaseDataElement

from diffmm.models.perceptors.color_codec import (
    color,
    distance_to_color,
    dominant_color,
)
from diffmm.models.perceptors.unit_pixels import to_uint8
from tests.models.perceptors.queries_case import COLORS, GRAY, build, samples

NAMES = 'black white red orange yellow green cyan blue purple'.split()


@pytest.mark.parametrize('name', NAMES)
def test_an_answer_survives_noise(name):
    codec = build(COLORS['codec'])
    sample = BaseDataElement(metainfo=dict(answer=name))
    target = codec.encode([sample], GRAY)
    assert target.pictures.shape == GRAY.shape and target.valid.all()
    noisy = target.pictures + 0.1 * torch.randn(GRAY.shape)
    codec.write(sample, codec.decode(noisy)[0], None)
    assert sample.pred_answer == name


def test_each_picture_of_a_batch_has_its_answer():
    codec = build(COLORS['codec'])
    batch = [BaseDataElement(metainfo=dict(answer=name)) for name in ('red', '#00f')]
    target = codec.encode(batch, torch.zeros(2, 3, 4, 6, dtype=torch.float16))
    assert target.pictures.dtype == torch.float16
    assert target.pictures.shape == (2, 3, 4, 6) and target.valid.shape == (2, 1, 4, 6)
    assert target.pictures[..., 3, 5].tolist() == [[1, -1, -1], [-1, -1, 1]]


def test_the_larger_area_is_the_answer():
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[:, :12], picture[:, 12:] = (0, 0, 255), (0, 255, 0)
    assert dominant_color(picture) == 'green'
    assert dominant_color(np.ascontiguousarray(picture[:, :20])) == 'blue'


@pytest.mark.parametrize('hue', ['#ff0010', '#ff1000'])
def test_red_lies_at_both_ends_of_the_hues(hue):
    pixels = to_uint8(color(hue).view(3, 1, 1).expand(3, 8, 8))
    assert dominant_color(pixels) == 'red'


def test_distances_to_a_color():
    red = color('red').view(3, 1, 1).expand(3, 4, 4)
    assert distance_to_color(red, 'red') == 0
    assert distance_to_color(-red, 'red') == pytest.approx(2 * math.sqrt(3))
    half = torch.cat([red, -red], dim=1)
    assert distance_to_color(half, 'red') == pytest.approx(math.sqrt(3))
    found = distance_to_color(half.bfloat16(), 'blue')
    # From red, two channels differ by 2; from cyan, one.
    assert found == pytest.approx((math.sqrt(8) + 2) / 2)


def test_what_is_missing_is_named():
    codec = build(COLORS['codec'])
    bare = BaseDataElement(metainfo=dict(img_path='a.jpg'))
    with pytest.raises(ValueError, match="a.jpg has no 'answer'.*DrawQuery"):
        codec.encode([bare], GRAY)
    with pytest.raises(ValueError, match='size of its image, got none'):
        codec.encode(samples()[3:])
    odd = BaseDataElement(metainfo=dict(answer='reddish'))
    with pytest.raises(ValueError, match="'reddish'"):
        codec.encode([odd], GRAY)
