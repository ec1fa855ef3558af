import numpy as np
import pytest

from diffmm.datasets.mini_world import Renderer, SceneSampler
from diffmm.datasets.mini_world.classes import ADE20K_INDEX


@pytest.fixture(scope='module')
def rendered():
    sampler, renderer = SceneSampler(0), Renderer(128)
    return [renderer.render(sampler.sample('val', index)) for index in range(60)]


def test_visible_masks_are_what_nearer_objects_leave_of_the_amodal_ones(rendered):
    hidden = 0
    for scene in rendered:
        for index in range(len(scene.amodal)):
            nearer = scene.amodal[index + 1 :].any(0)
            expected = scene.amodal[index] & ~nearer
            assert np.array_equal(scene.visible[index], expected)
            hidden += scene.amodal[index].sum() - expected.sum()
        assert scene.visible.sum(0).max() == 1
    assert hidden > 0


def test_every_object_stays_visible(rendered):
    for scene in rendered:
        areas = scene.amodal.sum((1, 2))
        seen = scene.visible.sum((1, 2))
        assert (seen > 0.2 * areas).all() and (seen > 40).all()


def test_class_map_agrees_with_the_objects_and_the_background(rendered):
    for scene in rendered:
        background = scene.scene.background
        rest = ~scene.amodal.any(0)
        classes = scene.ade20k_index
        back, ground = background.back_class, background.ground_class
        assert (classes[rest & scene.ground] == ADE20K_INDEX[ground]).all()
        assert (classes[rest & ~scene.ground] == ADE20K_INDEX[back]).all()
        for item, mask in zip(scene.scene.objects, scene.visible, strict=True):
            assert (classes[mask] == ADE20K_INDEX[item.name]).all()


def test_instances_number_the_objects_from_far_to_near(rendered):
    scene = rendered[0]
    found = set(np.unique(scene.instances).tolist())
    assert found == {-1, *range(len(scene.scene.objects))}
