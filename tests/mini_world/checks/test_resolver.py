import numpy as np
import pytest

from diffmm.mini_world import Renderer
from diffmm.mini_world.checks.resolver import MeasuredObject, Resolver
from tests.mini_world.builders import make_item, make_scene


@pytest.fixture(scope='module')
def resolver():
    """From far to near: a tree, a blue ball on the left, a red ball before the tree."""
    scene = make_scene(
        make_item('tree', x=0.7, ground=0.6),
        make_item('ball', x=0.2, ground=0.7, color='blue'),
        make_item('ball', x=0.7, ground=0.9, size='large'),
    )
    return Resolver(Renderer(128).render(scene))


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('the tree', [0]),
        ('the ball', [1, 2]),
        ('the object', [0, 1, 2]),
        ('the blue ball', [1]),
        ('the red object', [0, 2]),
        ('the large ball', [2]),
        ('the small ball', []),
        ('the leftmost ball', [1]),
        ('the rightmost ball', [2]),
        ('the nearest ball', [2]),
        ('the farthest ball', [1]),
        ('the ball to the left of the tree', [1]),
        ('the ball to the right of the tree', []),
        ('the object in front of the tree', [2]),
        ('the tree behind the red ball', [0]),
        ('the tree behind the blue ball', []),
        ('the object to the right of the ball', []),
    ],
)
def test_resolve(resolver, text, expected):
    assert resolver.resolve(text) == expected


@pytest.mark.parametrize(
    'text',
    ['', 'the dog', 'the ball near the tree', 'the tree and the ball', 'the ball!'],
)
def test_what_cannot_be_parsed(resolver, text):
    with pytest.raises(ValueError, match='cannot parse the referring expression'):
        resolver.resolve(text)


def measured(rows, columns):
    mask = np.zeros((10, 10), bool)
    mask[rows, columns] = True
    return MeasuredObject.from_mask(mask)


def test_extent():
    found = measured(slice(2, 6), slice(1, 4))
    assert found == MeasuredObject(
        left=0.1, right=0.4, middle=pytest.approx(0.25), bottom=0.6
    )


def test_in_line():
    first = measured(slice(2, 6), slice(1, 4))
    assert first.in_line(measured(slice(7, 9), slice(3, 6)))
    assert not first.in_line(measured(slice(7, 9), slice(4, 6)))


def test_empty_mask():
    with pytest.raises(ValueError, match='the mask is empty'):
        measured(slice(0, 0), slice(0, 0))
