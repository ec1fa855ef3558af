import re

import pytest

from diffmm.mini_world import Renderer
from diffmm.mini_world.checks.captions import (
    caption_faults,
    named_objects,
)
from tests.mini_world.builders import make_item, make_scene


@pytest.fixture(scope='module')
def rendered():
    """A red ball on the left, and a waving person in blue, in a garden."""
    person = make_item('person', x=0.7, color='blue', variation=(0.5, 0.5, 0.4))
    return Renderer(128).render(make_scene(make_item(x=0.2, ground=0.9), person))


@pytest.mark.parametrize(
    'caption',
    [
        'a red ball and a person in blue on the short grass under a clear sky',
        'a photo of a garden with a person and a ball',
        'a waving person on the grass in a garden',
        'a ball to the left of a person in blue on the grass',
    ],
)
def test_true_captions(rendered, caption):
    assert caption_faults(rendered, caption) == []


@pytest.mark.parametrize(
    ('caption', 'fault'),
    [
        ('a ball and a dog', "'dog' is not in the vocabulary"),
        ('a tree on the grass', r"the scene has no \['a tree'\]"),
        ('a blue ball', 'the scene has no'),
        ('two balls', 'the scene has no'),
        ('a ball and a ball', 'the scene has no'),
        ('a walking person', 'the scene has no'),
        ('a ball on the floor', 'there is no floor'),
        ('a ball under a cloudy sky', 'there is no cloudy sky'),
        ('a park with a ball', 'the place is no park'),
        ('a ball to the right of a person', 'no a ball is to the right of'),
        ('the grass under the sky', 'it names no object'),
    ],
)
def test_false_captions(rendered, caption, fault):
    assert any(re.search(fault, f) for f in caption_faults(rendered, caption))


def test_count():
    assert named_objects('two cars, a red ball and a person on the grass') == 4
