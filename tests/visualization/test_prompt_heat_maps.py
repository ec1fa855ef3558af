import numpy as np
import pytest
import torch

from diffmm.visualization import (
    draw_image_grid,
    draw_prompt_heat_maps,
    overlay_heat_map,
)
from diffmm.visualization.prompt_heat_maps import check_prompts, most_selective

IMAGE = np.full((40, 60, 3), 100, np.uint8)


def features(height=10, width=15):
    """Prompt i answers at column i alone, i + 1 strong."""
    rearranged = torch.zeros(4, height, width)
    for i, channel in enumerate(rearranged):
        channel[:, i] = i + 1
    return rearranged


def test_a_tile_is_the_enlarged_feature_over_the_image():
    grid = draw_prompt_heat_maps(IMAGE, features(40, 60), [2, 0], 1.0, alpha=0.5)
    tiles = [
        overlay_heat_map(IMAGE, features(40, 60)[i].numpy(), alpha=0.5) for i in (2, 0)
    ]
    captions = ['input', 'prompt 2\n0.00 to 3.00', 'prompt 0\n0.00 to 1.00']
    expected = draw_image_grid([IMAGE, *tiles], captions)
    np.testing.assert_array_equal(grid, expected)


@pytest.mark.parametrize(
    'cells, pixels_per_cell', [((10, 15), 4), ((16, 24), 2.5), ((11, 17), 4)]
)
def test_cells_are_where_their_pixels_are(cells, pixels_per_cell):
    """Also those of a resized input, and of one that was padded."""
    rearranged = torch.zeros(1, *cells)
    rearranged[0, 4, 6] = 1
    grid = draw_prompt_heat_maps(IMAGE, rearranged, [0], pixels_per_cell, alpha=1.0)
    # Two tiles side by side, captions above.
    tile = grid[-40:, 60:].astype(int)
    assert tile.shape == (40, 60, 3)
    first_color = tile[0, 0]
    distance = np.abs(tile - first_color).sum(-1)
    row, column = np.unravel_index(distance.argmax(), distance.shape)
    assert row == pytest.approx(4.5 * pixels_per_cell, abs=pixels_per_cell / 2 + 1)
    assert column == pytest.approx(6.5 * pixels_per_cell, abs=pixels_per_cell / 2 + 1)


def test_features_that_do_not_cover_the_image_are_refused():
    with pytest.raises(ValueError, match=r'\(10, 15\) cells, 2 pixels.*\(40, 60\)'):
        draw_prompt_heat_maps(IMAGE, features(), [0], 2)


@pytest.mark.parametrize('prompts, quoted', [([0, 4], r'\[4\]'), ([-1], r'\[-1\]')])
def test_unknown_prompts_are_quoted(prompts, quoted):
    with pytest.raises(ValueError, match=f'prompts 0 to 3, but got {quoted}'):
        draw_prompt_heat_maps(IMAGE, features(), prompts, 4)


def test_no_prompts_are_refused():
    check_prompts([3, 0], 4)
    with pytest.raises(ValueError, match='but got none'):
        check_prompts([], 4)


def test_the_most_selective_vary_most_within_an_image():
    rearranged = torch.stack([features(), features()])
    rearranged[1, 0] = 1000  # large, but the same everywhere
    assert most_selective(rearranged, 2) == [3, 2]
    assert most_selective(rearranged, 9) == [3, 2, 1, 0]
