import dataclasses
from collections import Counter

import pytest

from diffmm.mini_world import SceneSampler
from diffmm.mini_world.language.expressions import (
    Expression,
    expression_kind,
    refer,
)
from tests.mini_world.builders import make_item, make_scene


def texts_of(*items):
    """Expressions of each object, in the order of the arguments."""
    scene = make_scene(*items)
    found = {item: set() for item in items}
    for expression in refer(scene):
        found[scene.objects[expression.object_index]].add(expression.text)
    return [found[item] for item in items]


def test_the_only_one_of_its_class_needs_no_more():
    ball, box = texts_of(make_item('ball', x=0.2), make_item('box', x=0.7))
    assert 'the ball' in ball and 'the red ball' not in ball
    assert 'the box' in box
    assert 'the object to the left of the box' in ball
    assert 'the ball to the left of the box' not in ball


def test_color_is_told_where_it_is_needed():
    red, blue = texts_of(make_item(x=0.2), make_item(x=0.7, color='blue'))
    assert {'the red ball', 'the leftmost ball'} <= red
    assert 'the ball' not in red
    assert {'the blue ball', 'the blue object', 'the rightmost ball'} <= blue


def test_size_is_told_where_the_picture_shows_it():
    sizes = dict(size='large'), dict(size='small')
    same_depth = [make_item(x=x, **s) for x, s in zip((0.2, 0.8), sizes, strict=True)]
    large, small = texts_of(*same_depth)
    assert 'the large ball' in large and 'the small ball' in small
    # Far away, the large ball looks smaller than the small one nearby.
    far = make_item(x=0.2, ground=0.45, size='large')
    near = make_item(x=0.8, ground=0.95, size='small')
    assert far.height < near.height
    assert not any('large' in text for text in texts_of(far, near)[0])


def test_two_attributes_where_one_does_not_do():
    items = [
        make_item(x=0.2, size='large'),
        make_item(x=0.5, size='large', color='blue'),
        make_item(x=0.8, size='small'),
    ]
    first = texts_of(*items)[0]
    assert 'the large red ball' in first
    assert not {'the red ball', 'the large ball'} & first


def test_a_doubtful_rival_forbids_a_relation():
    tree = make_item('tree', x=0.5, ground=0.7)
    ball = make_item(x=0.2)
    clear = make_item(x=0.85)
    doubtful = make_item(x=0.48)
    text = 'the ball to the left of the tree'
    assert text in texts_of(ball, clear, tree)[0]
    assert text not in texts_of(ball, doubtful, tree)[0]


def test_alike_objects_in_one_place_have_no_expression():
    first, second = make_item(x=0.5), make_item(x=0.52, ground=0.81)
    assert texts_of(first, second) == [set(), set()]


def test_nearly_every_object_has_one_and_all_kinds_occur():
    sampler, kinds, without, total = SceneSampler(0), Counter(), 0, 0
    for index in range(500):
        scene = sampler.sample('train', index)
        found = refer(scene)
        kinds.update(expression.kind for expression in found)
        total += len(scene.objects)
        without += len(scene.objects) - len({e.object_index for e in found})
        assert len({e.text for e in found}) == len(found)
    assert without < 0.02 * total
    assert set(kinds) == {'class', 'attribute', 'position', 'relation'}
    assert min(kinds.values()) > 0.05 * kinds.total()


def test_expressions_are_compared_by_what_they_say():
    found = Expression('the red ball', 2, 'attribute')
    assert found == Expression('the red ball', object_index=2, kind='attribute')
    assert len({found, Expression('the red ball', 1, 'attribute')}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.text = 'the ball'


def test_the_kind_is_read_from_the_text():
    expressions = [
        e for i in range(20) for e in refer(SceneSampler(3).sample('val', i))
    ]
    assert {e.kind for e in expressions} == {
        *('class', 'attribute', 'position', 'relation')
    }
    assert all(expression_kind(e.text) == e.kind for e in expressions)
