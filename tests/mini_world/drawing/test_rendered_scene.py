import dataclasses

import numpy as np
import pytest

from diffmm.mini_world import Renderer, SceneSampler, stylize
from diffmm.mini_world.classes import ADE20K_INDEX


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


def test_boxes_touch_the_visible_masks_on_all_sides(rendered):
    for scene in rendered:
        assert scene.boxes.dtype == np.float32
        for box, mask in zip(scene.boxes.astype(int), scene.visible, strict=True):
            left, top, right, bottom = box
            part = mask[top:bottom, left:right]
            assert part.sum() == mask.sum()
            assert part[0].any() and part[-1].any()
            assert part[:, 0].any() and part[:, -1].any()


def test_box_of_the_whole_picture_counts_edges_of_pixels(rendered):
    scene = dataclasses.replace(rendered[0], amodal=np.ones((1, 128, 128), bool))
    assert scene.boxes.tolist() == [[0, 0, 128, 128]]


def test_what_is_computed_is_kept(rendered):
    scene = rendered[0]
    for name in ('instances', 'visible', 'boxes', 'depth', 'keypoints', 'sketch'):
        assert getattr(scene, name) is getattr(scene, name)


def test_replacing_the_picture_starts_afresh(rendered):
    night = dataclasses.replace(rendered[0], image=stylize(rendered[0], 'night'))
    assert np.array_equal(night.visible, rendered[0].visible)
    crop = night.object_crop(0, 32)
    assert crop.mean() < rendered[0].object_crop(0, 32).mean()


def test_crop_shows_the_object_in_its_middle(rendered):
    checked = 0
    for scene in rendered:
        for index, box in enumerate(scene.boxes):
            side = round(max(box[2] - box[0], box[3] - box[1]) * 1.24)
            crop = scene.object_crop(index, side)
            assert crop.shape == (side, side, 3) and crop.dtype == np.uint8
            left, top = np.round((box[:2] + box[2:] - side) / 2).astype(int)
            if min(left, top) < 0 or max(left, top) + side > 122:
                continue
            parts = [
                scene.image[top + shift : top + shift + side, left : left + side]
                for shift in (0, 6)
            ]
            errors = [np.abs(part.astype(int) - crop).mean() for part in parts]
            assert errors[0] < 0.7 * errors[1]
            checked += 1
    assert checked > 20


def test_crops_and_sketches_have_the_size_of_the_picture_by_default(rendered):
    assert rendered[0].object_crop(0).shape == (128, 128, 3)
    assert rendered[0].object_sketch(0).shape == (128, 128)
    assert rendered[0].object_sketch(0, 40).shape == (40, 40)


def test_sketches_of_two_objects_differ(rendered):
    scene = rendered[0]
    assert not np.array_equal(scene.object_sketch(0), scene.object_sketch(1))
