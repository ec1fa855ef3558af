import pytest

from diffmm.datasets.mini_world import Scene, SceneSampler


def test_objects_must_be_ordered_from_far_to_near():
    scene = SceneSampler(0).sample('train', 0)
    with pytest.raises(ValueError, match=r'from far to near.*sort them by `ground`'):
        Scene(scene.background, scene.objects[::-1])
