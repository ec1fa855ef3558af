from __future__ import annotations

import pytest
import torch
from mmengine.structures import BaseDataElement

from diffmm.models.perceptors.sample_generators import sample_generators


def sample(**meta):
    return BaseDataElement(metainfo=meta)


def draw(*stream):
    torch.manual_seed(0)
    generators = sample_generators([sample(sample_idx=n) for n in (4, 7, 4)], *stream)
    return [torch.rand((), generator=each).item() for each in generators]


def test_numbers_belong_to_the_sample_and_to_their_stream():
    first, other, again = draw()
    assert first == again != other
    assert draw(1)[0] != first


def test_the_picture_without_a_number_is_named():
    samples = [sample(sample_idx=0), sample(img_path='photos/a.jpg')]
    with pytest.raises(ValueError, match="^photos/a.jpg has no 'sample_idx'.* packing"):
        sample_generators(samples)
    with pytest.raises(ValueError, match="^a sample has no 'sample_idx'"):
        sample_generators([sample()])
