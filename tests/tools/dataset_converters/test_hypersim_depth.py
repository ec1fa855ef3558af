from __future__ import annotations

import cv2
import numpy as np
import pytest

ROW = 'ai_001_001/rgb_cam_00_fr0003.png ai_001_001/depth_plane_cam_00_fr0003.png'
COUNTS = ['--num-train', '1', '--num-val', '1', '--workers', '1']


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('dataset_converters/hypersim_depth')


@pytest.fixture
def lists(tmp_path):
    path = tmp_path / 'list.txt'
    path.write_text(f'{ROW}\n')
    return ['--train-list', str(path), '--val-list', str(path)]


class InProcess:
    """Runs the work of a pool here, so that the reader can be replaced."""

    def __init__(self, workers):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def map(self, work, items, chunksize):
        return map(work, items)


@pytest.fixture
def frames(tool, monkeypatch):
    """What h5py, which is optional, would read; the paths that were read."""
    distance = np.full((768, 1024), 5.0, np.float16)
    entity = np.zeros((768, 1024), np.int32)
    entity[0], distance[1] = -1, np.nan
    color = np.random.default_rng(0).random((768, 1024, 3)).astype(np.float16) * 3
    arrays = {'color': color, 'depth_meters': distance, 'render_entity_id': entity}
    read = []

    def read_array(path):
        read.append(path)
        return arrays[path.name.split('.')[2]]

    monkeypatch.setattr(tool, 'read_array', read_array)
    monkeypatch.setattr(tool, 'ProcessPoolExecutor', InProcess)
    return read


def test_frames_of_the_lists_become_png_files(tool, lists, frames, tmp_path, capsys):
    out = tmp_path / 'out'
    (tmp_path / 'raw').mkdir()
    arguments = [str(out), '--raw', str(tmp_path / 'raw'), *lists, *COUNTS]
    tool.main(arguments)
    assert f'{out} is complete: 1 (train), 1 (val)' in capsys.readouterr().out
    scene = tmp_path / 'raw/ai_001_001/images'
    assert frames[0] == scene / 'scene_cam_00_final_hdf5/frame.0003.color.hdf5'
    assert frames[2].parent == scene / 'scene_cam_00_geometry_hdf5'
    image, depth = (cv2.imread(str(out / 'train' / name), -1) for name in ROW.split())
    assert image.shape == (768, 1024, 3) and image.dtype == np.uint8
    assert depth.shape == (768, 1024) and depth.dtype == np.uint16
    # Neither what was not rendered nor what has no distance.
    assert not depth[:2].any() and depth[2:].all()
    # The middle looks along the axis, the corner does not.
    assert depth[384, 512] == pytest.approx(5000, abs=1)
    ray = np.sqrt(383.5**2 + 511.5**2 + 886.81**2)
    assert depth[-1, -1] == pytest.approx(5000 * 886.81 / ray, abs=1)
    # A second call has nothing to do.
    frames.clear()
    tool.main(arguments)
    assert not frames and 'train: 0 new frames' in capsys.readouterr().out


def test_brightness_becomes_that_of_the_authors(tool):
    color = np.random.default_rng(0).random((50, 50, 3)) * 7
    picture = tool.tone_map(color, np.ones((50, 50), bool)) / 255
    bright = np.percentile((picture**2.2) @ tool.LUMA, 90)
    assert bright ** (1 / 2.2) == pytest.approx(0.8, abs=0.02)
    assert not tool.tone_map(color * 0, np.ones((50, 50), bool)).any()


def test_bad_lists(tool, tmp_path, lists, frames):
    out = [str(tmp_path / 'out'), '--raw', str(tmp_path)]
    with pytest.raises(SystemExit, match='has 1 lines instead of 53,885'):
        tool.main([*out, *lists])
    broken = tmp_path / 'broken.txt'
    broken.write_text('ai_001_001/rgb.png\n')
    with pytest.raises(SystemExit, match=r'_train_filtered.txt:1 must read'):
        tool.main([*out, '--train-list', str(broken), *COUNTS])
    with pytest.raises(SystemExit, match='filename_list_train_filtered.txt does not'):
        tool.main([str(tmp_path / 'empty')])
    with pytest.raises(SystemExit, match='--raw .*gone is no folder'):
        tool.main([str(tmp_path / 'empty'), '--raw', str(tmp_path / 'gone')])
