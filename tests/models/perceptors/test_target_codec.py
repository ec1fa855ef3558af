"""The base of all codecs."""

from __future__ import annotations

import pytest
import torch
from mmengine.structures import BaseDataElement

from diffmm.models.perceptors.target_codec import TargetCodec, picture_name


@pytest.mark.parametrize(
    ('meta', 'name'),
    [
        (dict(img_path='a.jpg'), 'a.jpg'),
        ({}, 'a sample'),
        # The hosts' LoadImageFromNDArray has no path.
        (dict(img_path=None), 'a sample'),
    ],
)
def test_a_picture_without_a_path_is_a_sample(meta, name):
    assert picture_name(BaseDataElement(metainfo=meta)) == name


class Gray(TargetCodec):
    """The least that a codec needs."""

    def encode(self, samples, images=None):
        return None

    def decode(self, pictures, reference=None):
        return pictures

    def write(self, sample, prediction, uncertainty):
        sample.set_metainfo(dict(found=prediction))


def test_a_codec_compares_with_nothing_and_leaves_the_network_frame_out():
    sample = BaseDataElement()
    assert Gray().reference is None
    Gray().write_network_frame(sample, torch.ones(1, 2, 2))
    assert not sample.all_keys()


@pytest.mark.parametrize('name', ['encode', 'decode', 'write'])
def test_a_codec_without_one_of_its_methods_is_none(name):
    lacking = type('Lacking', (Gray,), {name: getattr(TargetCodec, name)})
    with pytest.raises(TypeError, match=name):
        lacking()
