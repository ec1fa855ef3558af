import dataclasses

import numpy as np
import pytest

from diffmm.mini_world import Renderer, SceneSampler
from diffmm.mini_world.checks import consistency
from diffmm.mini_world.checks.consistency import CHECKS, check_scene
from diffmm.mini_world.language.expressions import Expression
from tests.mini_world.builders import make_item, make_scene


@pytest.mark.parametrize('size', [64, 128])
def test_sampled_scenes_are_consistent(size):
    sampler, renderer = SceneSampler(5), Renderer(size)
    counts = dict.fromkeys(CHECKS, 0)
    for index in range(60):
        rendered = renderer.render(sampler.sample('val', index))
        for name, findings in check_scene(rendered).items():
            assert [text for text in findings if text is not None] == []
            counts[name] += len(findings)
    assert min(counts.values()) > 50


@pytest.fixture
def rendered():
    person = make_item('person', ground=0.7, x=0.4)
    return Renderer(128).render(make_scene(person, make_item('box', ground=0.9, x=0.6)))


def wrong(rendered, name):
    return [text for text in CHECKS[name](rendered) if text is not None]


def spoil(rendered, name, value):
    """Puts a wrong value in the place of one that would be computed."""
    rendered.__dict__[name] = value
    return rendered


def test_nothing_is_wrong_at_first(rendered):
    assert not any(wrong(rendered, name) for name in CHECKS)


def test_masks(rendered):
    spoil(rendered, 'visible', rendered.amodal)
    assert len(wrong(rendered, 'masks')) == 2


def test_class_map(rendered):
    spoil(rendered, 'ade20k_index', np.zeros_like(rendered.ade20k_index))
    assert len(wrong(rendered, 'masks')) == 2


def test_boxes(rendered):
    spoil(rendered, 'boxes', rendered.boxes + [0, 0, 0, 1])
    assert len(wrong(rendered, 'boxes')) == 2


def test_keypoints_off_the_body(rendered):
    points = {0: rendered.keypoints[0] + np.float32([60, 0, 0])}
    assert len(wrong(spoil(rendered, 'keypoints', points), 'keypoints')) > 10


def test_keypoints_that_claim_to_be_seen(rendered):
    points = rendered.keypoints[0].copy()
    assert (points[:, 2] == 1).any()
    points[:, 2] = 2
    assert wrong(spoil(rendered, 'keypoints', {0: points}), 'keypoints')


def test_missing_keypoints(rendered):
    assert wrong(spoil(rendered, 'keypoints', {}), 'keypoints') == [
        'keypoints of [], persons [0]'
    ]


def test_occlusion_by_something_farther(rendered):
    first, second = rendered.scene.objects
    # The box keeps its place in the picture but stands as far away as the person.
    shifted = dataclasses.replace(second, ground=first.ground)
    scene = dataclasses.replace(rendered.scene, objects=(first, shifted))
    spoiled = dataclasses.replace(rendered, scene=scene)
    assert len(wrong(spoiled, 'occlusion')) == 1


@pytest.mark.parametrize('place', ['outdoor', 'indoor'])
def test_depth(place):
    rendered = Renderer(96).render(make_scene(make_item('ball'), place=place))
    assert not wrong(rendered, 'depth')
    spoiled = spoil(rendered, 'depth', rendered.depth * 1.01 + 0.001)
    assert len(wrong(spoiled, 'depth')) == 3


def test_size_that_does_not_fit_the_depth():
    item = make_item('ball')
    large = dataclasses.replace(item, height=2 * item.height, width=2 * item.width)
    rendered = Renderer(96).render(make_scene(large))
    assert len(wrong(rendered, 'depth')) == 1


def test_ambiguous_expression(monkeypatch):
    scene = make_scene(make_item(x=0.2), make_item(x=0.8))
    rendered = Renderer(96).render(scene)
    expressions = [Expression('the ball', 0, 'class')]
    monkeypatch.setattr(consistency, 'refer', lambda scene: expressions)
    (message,) = wrong(rendered, 'expressions')
    assert message == "expression 'the ball' of object 0 picks [0, 1]"


def test_captions_that_leave_something_out(monkeypatch, rendered):
    captions = ['a person on the grass', 'a person and a tree', 'a box']
    monkeypatch.setattr(consistency, 'write_captions', lambda scene: captions)
    first, second = wrong(rendered, 'captions')
    assert 'it names 1 of 2 objects' in first
    assert "the scene has no ['a person', 'a tree']" in second
