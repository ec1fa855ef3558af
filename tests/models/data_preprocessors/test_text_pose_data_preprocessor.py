import pytest
import torch
from mmengine.registry import MODELS
from mmpose.structures import PoseDataSample

from diffmm.structures import ConditionedImages


def batch(texts):
    samples = [
        PoseDataSample(metainfo=dict(img_shape=(32, 48), caption=text))
        for text in texts
    ]
    image = torch.full((3, 32, 48), 255, dtype=torch.uint8)
    return dict(inputs=[image] * len(texts), data_samples=samples)


@pytest.mark.parametrize('training', [True, False])
def test_the_host_prepares_and_every_image_gets_its_text(training):
    preprocessor = MODELS.build(
        dict(
            type='TextPoseDataPreprocessor',
            text_key='caption',
            mean=[127.5] * 3,
            std=[127.5] * 3,
        )
    )
    data = preprocessor(batch(['a cat', 'a dog']), training)
    assert isinstance(data['inputs'], ConditionedImages)
    assert data['inputs'].texts == ('a cat', 'a dog')
    assert data['inputs'].shape == (2, 3, 32, 48)
    assert (data['inputs'].plain() == 1).all()
    assert [type(sample) for sample in data['data_samples']] == [PoseDataSample] * 2


def test_a_missing_text_is_refused():
    preprocessor = MODELS.build(dict(type='TextPoseDataPreprocessor', text_key='scene'))
    with pytest.raises(ValueError, match="needs a text under 'scene'"):
        preprocessor(batch(['a cat']))
