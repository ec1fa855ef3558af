import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from diffmm.diffusion import TextEncoder, WeightsError
from tests import tiny

POOL = dict(type='VectorAdapter', in_channels=8, out_channels=tiny.WIDTH)


def build(**options):
    return MODELS.build(
        dict(type='CosineTextHead', arch=tiny.ARCHITECTURE, pool=POOL)
        | dict(num_classes=2, classes=['cat', 'dog'])
        | options
    )


@pytest.fixture
def encoder():
    return TextEncoder(tiny.text_model(), 49407)


def test_text_features_of_names(encoder, tmp_path):
    head = build(template=['a photo of a {}', 'a {}'])
    head.encode(encoder)
    each = [
        encoder([f'a photo of a {name}', f'a {name}']).pooled.mean(0)
        for name in ('cat', 'dog')
    ]
    expected = F.normalize(torch.stack(each), dim=1)
    torch.testing.assert_close(head.text_features, expected)
    (tmp_path / 'cname_cid.txt').write_text('cat 0\ndog 1\n')
    file = str(tmp_path / 'cname_cid.txt')
    other = build(template=['a photo of a {}', 'a {}'], classes=None, class_file=file)
    other.encode(encoder)
    assert torch.equal(other.text_features, head.text_features)
    wrong = build(num_classes=3, classes=None, class_file=file)
    with pytest.raises(ValueError, match='has 2 classes, not 3'):
        wrong.encode(encoder)


def test_projection_comes_from_a_folder_of_clip(encoder, tmp_path):
    clip = CLIPTextModelWithProjection(CLIPTextConfig(**tiny.TEXT_ENCODER))
    clip.save_pretrained(tmp_path)
    head = build(template='{}', projection=str(tmp_path))
    head.encode(encoder)
    pooled = encoder(['cat', 'dog']).pooled
    expected = F.normalize(pooled @ clip.text_projection.weight.T, dim=1)
    torch.testing.assert_close(head.text_features, expected.detach())
    missing = build(projection=str(tmp_path / 'no folder'))
    with pytest.raises(WeightsError, match='no folder of CLIP'):
        missing.encode(encoder)


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
