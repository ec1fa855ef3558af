import numpy as np
import pytest

from diffmm.mini_world import Renderer, SceneSampler
from diffmm.mini_world.drawing.styles import LIGHTS, STYLES, stylize
from tests.mini_world.builders import make_item, make_scene


@pytest.fixture(scope='module')
def rendered():
    sampler, renderer = SceneSampler(0), Renderer(96)
    return [renderer.render(sampler.sample('val', index)) for index in range(8)]


@pytest.mark.parametrize('style', STYLES)
def test_every_style_is_a_picture_and_repeatable(rendered, style):
    for one in rendered:
        picture = stylize(one, style)
        assert picture.shape == one.image.shape and picture.dtype == np.uint8
        again = stylize(Renderer(96).render(one.scene), style)
        assert np.array_equal(picture, again)
        assert np.array_equal(picture, one.image) == (style == 'day')
        assert picture.std() > 8


def test_night_is_dark(rendered):
    dark = [
        one
        for one in rendered
        if not any(item.name in LIGHTS for item in one.scene.objects)
    ]
    assert dark
    for one in dark:
        assert stylize(one, 'night').mean() < 0.4 * one.image.mean()


def test_lamps_shine_at_night():
    lamp = Renderer(96).render(make_scene(make_item('lamp'), place='indoor'))
    bottle = Renderer(96).render(make_scene(make_item('bottle'), place='indoor'))
    top = slice(20, 60)
    assert stylize(lamp, 'night')[top, 30:66].mean() > 1.5 * (
        stylize(bottle, 'night')[top, 30:66].mean()
    )


def test_fog_thickens_with_depth():
    one = Renderer(96).render(make_scene(make_item('ball', ground=0.9, color='black')))
    far = Renderer(96).render(make_scene(make_item('ball', ground=0.55, color='black')))
    dark = [stylize(r, 'fog')[r.amodal[0]].min() for r in (one, far)]
    assert dark[1] > dark[0] + 20
    sky = stylize(one, 'fog')[:20].astype(int)
    assert sky.std() < one.image[:20].std()
    assert abs(sky.mean() - 208) < 25


def test_watercolor_is_lighter_and_comic_has_fewer_tones(rendered):
    for one in rendered:
        light = stylize(one, 'watercolor').mean()
        assert light > one.image.mean()
        comic = stylize(one, 'comic')
        tones = [len(np.unique(picture.max(-1))) for picture in (comic, one.image)]
        assert tones[0] < 0.7 * tones[1]


def test_sketch_has_no_color_and_the_drawings_lines(rendered):
    for one in rendered:
        drawn = stylize(one, 'sketch')
        assert (drawn == drawn[..., :1]).all()
        assert drawn[one.sketch < 64].max() < 80


def test_unknown_style(rendered):
    with pytest.raises(ValueError, match="unknown style 'oil', choose from .'day'"):
        stylize(rendered[0], 'oil')
