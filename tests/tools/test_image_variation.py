from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.tools.tiny_generators import write_pipeline

NAME = 'analysis_tools/image_variation'


def test_more_noise_changes_more(load_tool, tmp_path):
    tool = load_tool(NAME)
    folder = write_pipeline(tmp_path / 'model')
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'a.png'), image)
    argv = [str(tmp_path / 'a.png'), 'a cat', 'a dog', '--pretrained', str(folder)]
    argv += ['--steps', '1', '4', '--total', '4', '--out-file', str(tmp_path / 'b.png')]
    tool.main(argv)
    grid = cv2.imread(str(tmp_path / 'b.png'))
    assert grid.shape[1] == 3 * 64 and grid.shape[0] > 2 * 64
    assert (grid[:, 64:128] != grid[:, 128:]).any()
    with pytest.raises(SystemExit, match=r'at most 4, got \[5\]'):
        tool.main([*argv, '--steps', '5'])


def test_a_side_that_the_vae_does_not_divide(load_tool, tmp_path):
    tool = load_tool(NAME)
    folder = write_pipeline(tmp_path / 'model')
    image = np.full((70, 100, 3), 90, dtype=np.uint8)
    cv2.imwrite(str(tmp_path / 'a.png'), image)
    out = tmp_path / 'b.png'
    argv = [str(tmp_path / 'a.png'), 'a cat', '--pretrained', str(folder)]
    argv += ['--steps', '1', '--total', '2', '--out-file', str(out)]
    tool.main(argv)
    assert cv2.imread(str(out)).shape[1] == 2 * 96
