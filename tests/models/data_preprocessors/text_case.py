"""What the data preprocessors of all hosts are tested for."""

import pytest
import torch
from mmengine.registry import MODELS

from diffmm.models.data_preprocessors import text_conditioning
from diffmm.structures import ConditionedImages


def batch(sample_type, texts):
    """White images of 32x48 pixels, each with its caption."""
    samples = [
        sample_type(metainfo=dict(img_shape=(32, 48), caption=text)) for text in texts
    ]
    image = torch.full((3, 32, 48), 255, dtype=torch.uint8)
    return dict(inputs=[image] * len(texts), data_samples=samples)


def check_texts(name, sample_type, training, **options):
    """The host prepares the images and every one gets its text."""
    pixels = dict(mean=[127.5] * 3, std=[127.5] * 3)
    config = dict(type=name, text_key='caption', **pixels, **options)
    data = MODELS.build(config)(batch(sample_type, ['a cat', 'a dog']), training)
    assert isinstance(data['inputs'], ConditionedImages)
    assert data['inputs'].texts == ('a cat', 'a dog')
    assert data['inputs'].shape == (2, 3, 32, 48)
    assert (data['inputs'].plain() == 1).all()
    assert [type(sample) for sample in data['data_samples']] == [sample_type] * 2


def check_missing(name, sample_type):
    """A batch without the text is refused."""
    preprocessor = MODELS.build(dict(type=name, text_key='scene'))
    with pytest.raises(ValueError, match="needs a text under 'scene'"):
        preprocessor(batch(sample_type, ['a cat']))


def check_oracle(name, sample_type, monkeypatch, **host):
    """Texts made of annotations are read at test only if that is asked for."""

    def prepare(training, **options):
        data = batch(sample_type, ['a cat'])
        for sample in data['data_samples']:
            sample.set_metainfo(dict(oracle_caption='cat'))
        config = dict(type=name, text_key='oracle_caption', **options)
        preprocessor = MODELS.build(config | host)
        return [preprocessor(data, training) for _ in range(2)][0]['inputs'].texts

    said = []
    monkeypatch.setattr(
        text_conditioning, 'print_log', lambda message, *_, **__: said.append(message)
    )
    assert prepare(training=True) == ('cat',)
    with pytest.raises(
        ValueError, match=r'annotations.*data_preprocessor\.oracle=True'
    ):
        prepare(training=False)
    assert not said
    assert prepare(training=False, oracle=True) == ('cat',)
    assert len(said) == 1 and 'upper bound' in said[0]
    with pytest.raises(ValueError, match="oracle=True is for .*, got 'caption'"):
        MODELS.build(dict(type=name, text_key='caption', oracle=True))
