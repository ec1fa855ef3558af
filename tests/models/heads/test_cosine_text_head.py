import pytest
import torch
from mmengine.registry import MODELS

from tests import tiny

POOL = dict(type='VectorAdapter', in_channels=8, out_channels=tiny.WIDTH)


def build(**options):
    return MODELS.build(
        dict(type='CosineTextHead', arch=tiny.ARCHITECTURE, pool=POOL)
        | dict(num_classes=2, classes=['cat', 'dog'])
        | options
    )


def test_temperature_divides_the_cosines():
    head = build(temperature=0.05)
    vectors = head.text_features * 7
    torch.testing.assert_close(head.logits(vectors).diagonal(), torch.full((2,), 20.0))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(temperature=0), 'temperature must be positive'),
        (dict(num_classes=3), 'num_classes=3, but there are 2 classes'),
        (dict(classes=None), 'either classes or a class_file'),
    ],
)
def test_bad_options_are_quoted(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)
