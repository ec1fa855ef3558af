import pytest

from diffmm.mini_world import SceneSampler
from diffmm.mini_world.scene.place_sampling import MAX_SCENES, sample_scene

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


def test_bad_arguments():
    with pytest.raises(ValueError, match=f'at most {MAX_SCENES} scenes'):
        sample_scene(SceneSampler(0), 'train', MAX_SCENES)
    with pytest.raises(ValueError, match="unknown place 'moon'"):
        sample_scene(SceneSampler(0), 'train', 0, 'moon')
