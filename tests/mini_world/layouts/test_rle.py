import numpy as np
import pytest
from pycocotools import mask as coco_mask

from diffmm.mini_world.layouts.rle import encode_mask

MASKS = {
    'empty': np.zeros((5, 7), bool),
    'full': np.ones((5, 7), bool),
    'first pixel': np.eye(1, 35, 0).reshape(5, 7).astype(bool),
    'last pixel': np.eye(1, 35, 34).reshape(5, 7).astype(bool),
    'noise': np.random.default_rng(0).random((64, 50)) < 0.3,
    # Runs of more than five and ten bits.
    'long runs': np.arange(400 * 300).reshape(400, 300) % 5000 < 900,
    'ring': np.pad(np.pad(np.zeros((9, 9), bool), 3, constant_values=True), 40),
}


@pytest.mark.parametrize('name', MASKS)
def test_pycocotools_reads_and_would_write_the_same(name):
    mask = MASKS[name]
    encoded = encode_mask(mask)
    assert np.array_equal(coco_mask.decode(encoded), mask)
    reference = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert encoded['counts'] == reference['counts'].decode()
    assert encoded['size'] == reference['size']


def test_area_is_exact():
    mask = MASKS['noise']
    assert coco_mask.area(encode_mask(mask)) == mask.sum()
