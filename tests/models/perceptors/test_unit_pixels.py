"""Pixels of pictures in [-1, 1]."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from diffmm.models.perceptors.unit_pixels import to_uint8
from tests.parity_generative import to_input


def test_every_level_of_8_bits_survives():
    picture = np.arange(256 * 3, dtype=np.uint8).reshape(16, 16, 3)
    (tensor,) = to_input(picture)
    found = to_uint8(tensor.contiguous())
    np.testing.assert_array_equal(found, picture)
    # OpenCV takes contiguous rows of interleaved channels alone.
    assert found.dtype == np.uint8 and found.flags.c_contiguous


def test_overshoots_are_cut_off_and_others_rounded():
    picture = torch.tensor([-7.0, -1.001, 1.001, 300.0, 0.0, 0.003])
    found = to_uint8(picture.expand(3, 1, -1))
    # The middle of 255 rounds to the even level, as in NumPy.
    assert found[0, :, 0].tolist() == [0, 0, 255, 255, 128, 128]


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_rounded_in_single(dtype):
    picture = torch.linspace(-1, 1, 40).view(1, 5, 8).repeat(3, 1, 1).to(dtype)
    np.testing.assert_array_equal(to_uint8(picture), to_uint8(picture.double()))
    assert to_uint8(picture.requires_grad_()).max() == 255


def test_one_pixel():
    pixel = torch.tensor([-1.0, 0.2, 1.0]).view(3, 1, 1)
    assert to_uint8(pixel).tolist() == [[[0, 153, 255]]]
