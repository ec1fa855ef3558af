import itertools
from collections import Counter

import pytest

from diffmm.mini_world import OBJECT_CLASSES, SceneSampler
from diffmm.mini_world.classes import COLORS, SIZES, TEXTURES
from diffmm.mini_world.scenes.sampler import (
    MAX_COVER,
    MAX_SCENES,
    covered,
    sample_scene,
)
from diffmm.mini_world.scenes.scene import stand_clear


@pytest.fixture(scope='module')
def scenes():
    sampler = SceneSampler(0)
    return [sampler.sample('train', index) for index in range(600)]


def test_a_scene_depends_on_seed_split_and_index_only(scenes):
    assert SceneSampler(0).sample('train', 7) == scenes[7]
    assert SceneSampler(1).sample('train', 7) != scenes[7]
    assert SceneSampler(0).sample('train', 8) != scenes[7]


def test_training_and_validation_share_no_scene(scenes):
    sampler = SceneSampler(0)
    validation = {sampler.sample('val', index) for index in range(600)}
    assert len(validation) == len(set(scenes)) == 600
    assert validation.isdisjoint(scenes)


def test_every_class_has_about_the_same_share(scenes):
    counts = Counter(item.name for scene in scenes for item in scene.objects)
    total = sum(counts.values())
    assert set(counts) == set(OBJECT_CLASSES)
    assert all(0.7 / 12 < count / total < 1.3 / 12 for count in counts.values())


def test_all_attributes_occur(scenes):
    objects = [item for scene in scenes for item in scene.objects]
    assert {item.color for item in objects} == set(COLORS)
    assert {item.size for item in objects} == set(SIZES)
    assert {item.texture for item in objects} == set(TEXTURES)
    assert {len(scene.objects) for scene in scenes} == {2, 3, 4, 5}


def test_objects_live_where_they_belong(scenes):
    for scene in scenes:
        for item in scene.objects:
            assert scene.background.place in OBJECT_CLASSES[item.name].places


def test_size_follows_attribute_and_perspective(scenes):
    for scene in scenes:
        for item in scene.objects:
            scale = scene.background.scale(item.ground)
            expected = OBJECT_CLASSES[item.name].height * SIZES[item.size] * scale
            assert item.height == pytest.approx(expected)
            assert item.ground > scene.background.boundary


def test_nearer_objects_hide_some_but_not_all(scenes):
    shares = [share for scene in scenes for share in covered(scene.objects)]
    assert max(shares) <= MAX_COVER
    assert sum(share > 0 for share in shares) > 0.2 * len(shares)


def test_bad_arguments():
    with pytest.raises(ValueError, match='must not be negative, got -3'):
        SceneSampler(-3)
    with pytest.raises(ValueError, match="unknown split 'test', choose from"):
        SceneSampler(0).sample('test', 0)


def test_overlapping_objects_have_room_between_them(scenes):
    overlapping = 0
    for scene in scenes:
        camera = scene.background.camera
        for far, near in itertools.combinations(scene.objects, 2):
            assert stand_clear(camera, far, near)
            overlapping += far.common_area(near) > 0
    assert overlapping > 200


def test_objects_without_room_are_replaced_by_others():
    """This scene begins with two large houses, which no placement makes fit."""
    scene = SceneSampler(11).sample('train', 3603)
    assert len(scene.objects) >= 2
    assert [item.name for item in scene.objects if item.size == 'large'] != [
        'house'
    ] * 2


COUNT = 30


@pytest.mark.parametrize('place', ['outdoor', 'indoor'])
def test_all_scenes_are_of_the_place_and_no_two_are_equal(place):
    sampler = SceneSampler(1)
    scenes = [sample_scene(sampler, 'train', index, place) for index in range(COUNT)]
    assert {scene.background.place for scene in scenes} == {place}
    assert len({scene.background.seed for scene in scenes}) == COUNT


def test_scenes_that_fit_are_kept_and_others_replaced():
    sampler = SceneSampler(1)
    for index in range(COUNT):
        scene = sampler.sample('val', index)
        assert sample_scene(sampler, 'val', index) == scene
        found = sample_scene(sampler, 'val', index, 'outdoor')
        assert (found == scene) == (scene.background.place == 'outdoor')


def test_bad_places():
    with pytest.raises(ValueError, match=f'at most {MAX_SCENES} scenes'):
        sample_scene(SceneSampler(0), 'train', MAX_SCENES)
    with pytest.raises(ValueError, match="unknown place 'moon'"):
        sample_scene(SceneSampler(0), 'train', 0, 'moon')
