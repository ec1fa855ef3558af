import pytest

from diffmm.mini_world import Scene, SceneSampler


def test_objects_must_be_ordered_from_far_to_near():
    scene = SceneSampler(0).sample('train', 0)
    with pytest.raises(ValueError, match=r'from far to near.*sort them by `ground`'):
        Scene(scene.background, scene.objects[::-1])


def test_texts_and_type_are_functions_of_the_scene():
    scene, again = (SceneSampler(0).sample('train', 3) for _ in range(2))
    assert scene.captions == again.captions and len(scene.captions) >= 4
    assert scene.expressions == again.expressions
    assert scene.scene_type == scene.background.scene_type
    other = SceneSampler(0).sample('train', 4)
    assert scene.captions != other.captions
