import json

import pytest
from mmengine.registry import TRANSFORMS

from diffmm.mini_world import generate

CAPTIONS = {
    'a.jpg': dict(captions=['a tree', 'two trees']),
    'town/a.png': dict(captions=['a street']),
    '/cafe/rgb_0.jpg': dict(captions=['a table']),
    'empty.jpg': dict(captions=[]),
}


@pytest.fixture
def path(tmp_path):
    (tmp_path / 'captions.json').write_text(json.dumps(CAPTIONS))
    return tmp_path / 'captions.json'


def load(path, image, **options):
    transform = TRANSFORMS.build(
        dict(type='LoadCaption', ann_file=str(path), **options)
    )
    return transform(dict(img_path=image))['caption']


def test_names_of_several_data_sets(path):
    assert load(path, 'data/images/a.jpg') == 'a tree'
    assert load(path, 'data/images/a.jpg', index=1) == 'two trees'
    assert load(path, 'data/train/town/a.png', parts=2) == 'a street'
    found = load(path, 'data/sync/cafe/rgb_0.jpg', parts=2, prefix='/')
    assert found == 'a table'


def test_a_caption_of_its_own_stays(path):
    transform = TRANSFORMS.build(dict(type='LoadCaption', ann_file=str(path)))
    results = transform(dict(img_path='unknown.jpg', caption='a dog'))
    assert results['caption'] == 'a dog'


@pytest.mark.parametrize(
    ('image', 'options', 'message'),
    [
        ('b.jpg', {}, "has 0 captions for 'b.jpg'"),
        ('empty.jpg', {}, "has 0 captions for 'empty.jpg'"),
        ('a.jpg', dict(index=2), "has 2 captions for 'a.jpg', .* index 2"),
        ('town/a.png', {}, r"'a.png', .*parts=1 and prefix='' must make the names"),
    ],
)
def test_a_picture_without_one_is_refused(path, image, options, message):
    with pytest.raises(ValueError, match=message):
        load(path, image, **options)


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match='parts must be positive, got 0'):
        load('captions.json', 'a.jpg', parts=0)
    with pytest.raises(FileNotFoundError, match='none.json do not exist'):
        load(tmp_path / 'none.json', 'a.jpg')


def test_the_mini_world_has_captions_in_this_form(tmp_path):
    generate(tmp_path, 'cityscapes', 1, 1, size=64, seed=0)
    (picture,) = (tmp_path / 'leftImg8bit/val').rglob('*.png')
    path = tmp_path / 'captions/cityscapes_captions.json'
    caption = load(path, str(picture), parts=2)
    assert len(caption.split()) > 3
