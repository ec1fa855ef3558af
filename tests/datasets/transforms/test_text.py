from collections import Counter

import numpy as np
import pytest
from mmengine.registry import DATASETS, TRANSFORMS

import diffmm  # noqa: F401
from diffmm.mini_world import generate


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
