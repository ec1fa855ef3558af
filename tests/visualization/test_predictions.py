from __future__ import annotations

import numpy as np

from diffmm.visualization.predictions import paint_mask


def test_a_mask_is_painted_with_its_outline():
    image = np.full((9, 9, 3), 100, np.uint8)
    mask = np.zeros((9, 9), bool)
    mask[2:7, 2:7] = True
    painted = paint_mask(image, mask, (200, 0, 0), opacity=0.25)
    assert (painted[~mask] == 100).all() and (image == 100).all()
    assert (painted[4, 4] == (125, 75, 75)).all()
    assert (painted[2, 2:7] == (200, 0, 0)).all()
    assert (paint_mask(image, mask & False) == 100).all()
