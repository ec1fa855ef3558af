import pytest
import torch
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement


def preprocess(*inputs):
    module = MODELS.build(dict(type='GenerationDataPreprocessor'))
    sample = BaseDataElement(metainfo=dict(captions=['a', 'b']))
    data = dict(inputs=list(inputs), data_samples=[sample] * len(inputs))
    return module(data, training=True)


def test_images_come_to_minus_one_and_one():
    image = torch.zeros(3, 8, 8, dtype=torch.uint8)
    image[0], image[1] = 255, 51
    data = preprocess(image, image)
    assert data['inputs'].shape == (2, 3, 8, 8)
    expected = torch.tensor([1.0, -0.6, -1.0])
    torch.testing.assert_close(data['inputs'][1, :, 0, 0], expected)
    assert data['data_samples'][0].captions == ['a', 'b']


def test_latents_pass():
    latents = torch.randn(2, 4, 2, 2)
    assert torch.equal(preprocess(*latents)['inputs'], latents)


def test_different_sizes_are_named():
    with pytest.raises(ValueError, match=r'\(3, 8, 8\), \(3, 8, 9\)'):
        preprocess(torch.zeros(3, 8, 8), torch.zeros(3, 8, 9))
