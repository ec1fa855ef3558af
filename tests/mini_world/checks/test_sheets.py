import numpy as np
import pytest

from diffmm.mini_world import OBJECT_CLASSES, Renderer, SceneSampler, stylize
from diffmm.mini_world.checks.sheets import (
    GAP,
    GREEN,
    RED,
    TITLE,
    annotation_sheet,
    color_depth,
    draw_people_and_boxes,
    object_sheet,
    style_sheet,
)
from diffmm.mini_world.drawing.styles import STYLES
from diffmm.mini_world.scenes.pose import KEYPOINTS
from tests.mini_world.builders import make_item, make_scene


@pytest.fixture(scope='module')
def scenes():
    sampler, renderer = SceneSampler(0), Renderer(64)
    return [renderer.render(sampler.sample('val', index)) for index in range(30)]


def test_styles_side_by_side(scenes):
    sheet = style_sheet(scenes[:2])
    assert sheet.shape == (TITLE + 2 * (64 + GAP), 6 * (64 + GAP), 3)
    for column, style in enumerate(STYLES):
        x, y = column * (64 + GAP), TITLE + 64 + GAP
        part = sheet[y : y + 64, x : x + 64]
        assert np.array_equal(part, stylize(scenes[1], style))
    assert sheet[:TITLE].min() < 100


def test_annotations_side_by_side(scenes):
    sheet = annotation_sheet(scenes[:3])
    assert sheet.shape[0] == TITLE + 3 * (64 + GAP)
    depth = sheet[TITLE : TITLE + 64, 2 * (64 + GAP) :][:, :64]
    assert np.array_equal(depth, color_depth(scenes[0].depth))
    texts = sheet[TITLE:, 4 * (64 + GAP) :]
    assert 0.02 < (texts < 128).mean() < 0.5


def test_objects(scenes):
    sheet = object_sheet(scenes, size=32)
    found = {item.name for scene in scenes for item in scene.scene.objects}
    assert found == set(OBJECT_CLASSES)
    assert sheet.shape == (TITLE + 2 * (32 + GAP), 12 * (32 + GAP), 3)


def test_keypoints_are_painted_where_they_are():
    person = make_item('person', ground=0.7, size='large')
    scene = make_scene(person, make_item('box', ground=0.8))
    rendered = Renderer(128).render(scene)
    picture = draw_people_and_boxes(rendered)
    points = dict(zip(KEYPOINTS, rendered.keypoints[0], strict=True))
    for name, color in (('left_wrist', GREEN), ('left_ankle', RED)):
        x, y, _ = points[name]
        assert tuple(picture[int(y), int(x)]) == color
    assert not np.array_equal(picture, rendered.image)


def test_colors_of_depth():
    red, blue, black = color_depth(np.array([[1.0, 9.0, 0.0]], np.float32))[0]
    assert red[0] > red[2] and blue[2] > blue[0] and not black.any()
