import numpy as np
import pytest

from diffmm.visualization.timestep_plots import (
    draw_metric_curves,
    draw_timestep_weights,
)

LONG = 'marigold-v1-1_mini_depth_1xb16-300_mini-hypersim-vkitti2/iter_300'


@pytest.mark.parametrize('count', [1, 2, 4])
def test_names_stand_above_the_curves(count):
    """Not on points, however long they are."""
    names = [f'{LONG}_{number}' for number in range(count)]
    curves = {name: ([999, 500, 0], [0.1, 0.2, 0.3]) for name in names}
    picture = draw_metric_curves(curves, 'd1')
    assert picture.shape == (400, 600, 3) and picture.dtype == np.uint8
    dark = (picture < 60).all(axis=2)
    frame = np.flatnonzero(dark.mean(axis=1) > 0.7)  # the axes' upper and lower edge
    assert (frame.min() > 15 * count) == (count > 1)
    assert dark[: frame.min() - 2].any() == (count > 1)
    assert not dark[:, -3:].any()


def test_weights_of_0_leave_gaps():
    weights = np.r_[np.zeros(50), np.ones(50)]
    picture = draw_timestep_weights({'one': weights})
    blue = (picture[..., 2] > 150) & (picture[..., 0] < 100)
    columns = np.flatnonzero(blue.any(axis=0))
    # The noisy half is on the left.
    assert columns.max() < 360
