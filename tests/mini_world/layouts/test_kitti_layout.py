import cv2
import numpy as np
import pytest


@pytest.mark.parametrize(('split', 'part'), [('train', 'train'), ('val', 'test')])
def test_the_lists_lead_to_picture_and_depth(worlds, render, split, part):
    root = worlds / 'kitti'
    path = root / f'filenames/eigen_benchmark/{part}_list.txt'
    rows = path.read_text().splitlines()
    assert len(rows) == {'train': 24, 'val': 12}[split]
    for index, row in enumerate(rows):
        image_name, depth_name = row.split(' ')
        assert image_name.startswith('/raw_data/2011_09_26/2011_09_26_drive_')
        assert depth_name.startswith(f'/data_depth_annotated/{split}/2011_09_26_drive_')
        truth = render('kitti', split, index)
        assert truth.scene.background.place == 'outdoor'
        image = cv2.imread(f'{root}{image_name}')[..., ::-1]
        assert np.array_equal(image, truth.image)
        units = cv2.imread(f'{root}{depth_name}', cv2.IMREAD_UNCHANGED)
        assert units.dtype == np.uint16
        found = units / 256
        near = truth.depth < 255
        assert np.abs(found - truth.depth)[near].max() <= 0.5 / 256 + 1e-6
        # The sky has no depth, and what uint16 cannot hold has none either.
        assert not found[~near].any() and (found == 0).any()
