import pytest
from mmengine.structures import BaseDataElement

from diffmm.models.data_preprocessors.text_conditioning import read_texts


def sample(**meta):
    return BaseDataElement(metainfo=dict(img_path='a.jpg', **meta))


def test_the_texts_come_in_the_order_of_the_samples():
    samples = [sample(scene='kitchen'), sample(scene='office')]
    assert read_texts(samples, 2, 'scene') == ['kitchen', 'office']


@pytest.mark.parametrize('meta', [{}, dict(scene=''), dict(scene=' '), dict(scene=3)])
def test_a_sample_without_its_text_is_named(meta):
    with pytest.raises(ValueError, match=r"a\.jpg needs a text under 'scene'"):
        read_texts([sample(scene='kitchen'), sample(**meta)], 2, 'scene')


@pytest.mark.parametrize('samples', [None, []])
def test_a_batch_without_samples_is_refused(samples):
    with pytest.raises(ValueError, match='2 images came without data samples'):
        read_texts(samples, 2, 'scene')
