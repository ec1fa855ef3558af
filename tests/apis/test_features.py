"""Tests of the features of a picture."""

import cv2
import numpy as np
import pytest
import torch

from diffmm.apis import FeatureExtractor, get_backbone


@pytest.fixture(scope='module')
def extractor():
    return FeatureExtractor('mini', classes=['sky', 'tree', 'person'])


@pytest.fixture(scope='module')
def picture():
    return np.random.default_rng(0).integers(0, 256, (70, 100, 3)).astype(np.uint8)


def test_maps_and_attention_fit_the_picture(extractor, picture):
    features = extractor(picture)
    assert features.image is picture
    assert features.strides == (8, 16, 32, 64)
    assert [tuple(each.shape) for each in features.maps] == [
        (info.channels, -(-70 // info.stride), -(-100 // info.stride))
        for info in extractor.backbone.feature_info
    ]
    assert list(features.attention) == ['sky', 'tree', 'person']
    total = sum(features.attention.values())
    assert total.shape == (5, 7) and features.attention_stride == 16
    torch.testing.assert_close(total, torch.ones(5, 7), rtol=1e-4, atol=1e-4)


def test_the_pixels_are_what_the_backbone_expects(extractor, picture):
    rgb = torch.from_numpy(picture[..., ::-1].copy()).permute(2, 0, 1)[None]
    with torch.no_grad():
        maps = extractor.backbone(rgb.float() / 127.5 - 1)
    torch.testing.assert_close(extractor(picture).maps[0], maps[0][0])


def test_every_kind_of_picture_is_taken(extractor, picture, tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), picture)
    expected = extractor(picture).maps[0]
    for same in (str(tmp_path / 'a.png'), picture / 255):
        torch.testing.assert_close(extractor(same).maps[0], expected)
    with pytest.raises(TypeError, match='got Tensor'):
        extractor(torch.zeros(3, 64, 64))
    with pytest.raises(ValueError, match='64'):
        extractor(picture[:50])


def test_the_attention_is_drawn(extractor, picture, tmp_path):
    features = extractor(picture)
    features.save_drawing(tmp_path / 'new' / 'drawn.png', ['tree'])
    drawn = cv2.imread(str(tmp_path / 'new' / 'drawn.png'))
    np.testing.assert_array_equal(drawn[..., ::-1], features.draw(['tree']))
    assert features.draw().size > features.draw(['tree']).size
    with pytest.raises(ValueError, match="no attention map is named 'tre'"):
        features.draw(['tre'])
    with pytest.raises(ValueError, match=r'names=\[\], top_k=5 draws nothing'):
        features.draw([])
    with pytest.raises(ValueError, match='top_k=0 draws nothing'):
        features.draw(top_k=0)
    with pytest.raises(ValueError, match='name it .png or .jpg'):
        features.save_drawing(tmp_path / 'drawn.xyz')


def test_without_classes_there_is_no_attention(picture):
    features = FeatureExtractor(get_backbone('mini'))(picture)
    assert features.attention == {}
    with pytest.raises(ValueError, match=r'give the extractor classes='):
        features.draw()
    with pytest.raises(ValueError, match='belong to a backbone that is given by name'):
        FeatureExtractor(get_backbone('mini'), classes=['sky'])


def test_what_is_no_backbone_and_repeated_names_are_refused():
    with pytest.raises(ValueError, match='there is no backbone 3'):
        FeatureExtractor(3)
    with pytest.raises(ValueError, match="class name 'sky' occurs twice"):
        FeatureExtractor('mini', classes=['sky', 'tree', 'sky'])
