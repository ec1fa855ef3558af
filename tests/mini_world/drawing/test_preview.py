import cv2
import numpy as np
import pytest

from diffmm.mini_world import Renderer, SceneSampler
from diffmm.mini_world.classes import ADE20K_INDEX, ADE20K_PALETTE
from diffmm.mini_world.drawing.preview import (
    color_mask,
    contact_sheet,
    write_sheet,
)


@pytest.fixture(scope='module')
def scenes():
    sampler, renderer = SceneSampler(0), Renderer(96)
    return [renderer.render(sampler.sample('train', index)) for index in range(5)]


def test_masks_get_the_colors_of_ade20k():
    classes = np.array([[ADE20K_INDEX['boat'], ADE20K_INDEX['wall']]], np.uint8)
    colors = color_mask(classes)[0]
    assert tuple(colors[0]) == ADE20K_PALETTE['boat']
    assert tuple(colors[1]) == ADE20K_PALETTE['wall']


def test_sheet_shows_every_scene_beside_its_mask(scenes):
    sheet = contact_sheet(scenes)
    assert np.array_equal(sheet[:96, :96], scenes[0].image)
    assert np.array_equal(sheet[100:196, :96], scenes[4].image)
    mask = sheet[:96, 97:193]
    same = (mask == color_mask(scenes[0].ade20k_index)).all(-1)
    # All but the black outlines of the objects.
    assert same.mean() > 0.9 and (mask[~same] == 0).all()


def test_legend_names_every_class_in_its_color(scenes):
    legend = contact_sheet(scenes)[196:].reshape(-1, 3)
    found = {tuple(color) for color in legend.tolist()}
    assert set(ADE20K_PALETTE.values()) <= found


def test_preview_is_written_as_png(scenes, tmp_path):
    path = tmp_path / 'new' / 'preview.png'
    write_sheet(path, contact_sheet(scenes))
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert np.array_equal(image, contact_sheet(scenes))


def test_other_formats_are_refused(scenes, tmp_path):
    with pytest.raises(ValueError, match='does not end in .png'):
        write_sheet(tmp_path / 'preview.jpg', contact_sheet(scenes))
