import json
from collections import Counter

import numpy as np
import pytest
from mmengine.registry import DATASETS, TRANSFORMS

import diffmm  # noqa: F401
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


def test_every_expression_is_drawn_alike():
    transform = TRANSFORMS.build(dict(type='DrawExpression'))
    texts = ['a', 'b', 'c']
    drawn = Counter(
        transform(dict(expressions=texts))['expression'] for _ in range(3000)
    )
    assert set(drawn) == set(texts)
    assert max(drawn.values()) < 1.15 * min(drawn.values())


def test_the_draw_depends_on_numpy_s_generator_alone():
    transform = TRANSFORMS.build(dict(type='DrawExpression'))
    drawn = []
    for _ in range(2):
        np.random.seed(5)
        draw = [transform(dict(expressions='abcdefgh'))['expression'] for _ in 'x' * 20]
        drawn.append(draw)
    assert drawn[0] == drawn[1] and len(set(drawn[0])) > 3


@pytest.mark.parametrize('results', [dict(img_path='p.jpg'), dict(expressions=[])])
def test_nothing_to_draw_from(results):
    with pytest.raises(ValueError, match='drawing one needs at least one'):
        TRANSFORMS.build(dict(type='DrawExpression'))(results)


def build_scene(**options):
    return TRANSFORMS.build(dict(type='SceneFromCategory', **options))


def test_number_to_name():
    assert build_scene()(dict(category_id=0))['scene'] == 'printer_room'
    assert build_scene()(dict(category_id=26))['scene'] == 'bookstore'


def test_an_unknown_scene_is_an_error_or_has_a_name():
    assert (
        build_scene(unknown_scene='unknown')(dict(category_id=-1))['scene'] == 'unknown'
    )
    with pytest.raises(ValueError, match='x.jpg has category_id=-1.*unknown_scene'):
        build_scene()(dict(category_id=-1, img_path='x.jpg'))
    with pytest.raises(ValueError, match='category_id=27'):
        build_scene(unknown_scene='unknown')(dict(category_id=27))


def test_the_hosts_samples_get_their_scene(tmp_path):
    generate(tmp_path, 'nyu', 4, 1, size=64, seed=0)
    dataset = DATASETS.build(
        dict(
            type='mmseg.NYUDataset',
            data_root=str(tmp_path),
            data_prefix=dict(
                img_path='images/train', depth_map_path='annotations/train'
            ),
            pipeline=[
                dict(type='LoadImageFromFile'),
                dict(type='LoadMetricDepth'),
                dict(type='SceneFromCategory'),
                dict(type='mmseg.PackSegInputs', meta_keys=('img_path', 'scene')),
            ],
        )
    )
    for item in dataset:
        sample = item['data_samples']
        assert f'/{sample.scene}_0' in sample.img_path


def test_repr_of_a_scene():
    assert repr(build_scene()) == 'SceneFromCategory(unknown_scene=None)'


def build_fixed(text='the red ball'):
    return TRANSFORMS.build(dict(type='FixedText', key='expression', text=text))


def test_a_picture_without_a_text_gets_it():
    item = build_fixed()(dict(img_path='a.jpg'))
    assert item == dict(img_path='a.jpg', expression='the red ball')


def test_a_text_of_its_own_stays():
    assert build_fixed()(dict(expression='a tree')) == dict(expression='a tree')


@pytest.mark.parametrize('text', ['', '  ', None, 3])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(ValueError, match=f"under 'expression' must be .*{text!r}"):
        build_fixed(text)


def test_repr_of_a_fixed_text():
    assert repr(build_fixed()) == "FixedText(key='expression', text='the red ball')"
