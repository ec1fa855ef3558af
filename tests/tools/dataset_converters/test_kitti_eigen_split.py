import pytest
from mmengine.config import Config


@pytest.fixture(scope='module')
def split(load_tool):
    return load_tool('dataset_converters/kitti_eigen_split')


def test_the_known_numbers(split):
    """33 and 28 of the 61 drives of the three categories; 652 test pictures."""
    assert len(split.TRAIN_DRIVES) == len(set(split.TRAIN_DRIVES)) == 33
    assert len(split.TEST_FRAMES) == 28
    assert not set(split.TRAIN_DRIVES) & set(split.TEST_FRAMES)
    frames = [len(frames) for frames in split.TEST_FRAMES.values()]
    assert sum(frames) == split.NUM_PICTURES['test'] == 652
    # Eigen et al. took 25 of every drive, or all of a shorter one.
    assert max(frames) == 25 and min(frames) == 12


def test_frames_are_in_order_and_have_depth_maps(split):
    for drive, frames in split.TEST_FRAMES.items():
        assert list(frames) == sorted(set(frames)), drive
        # The first five pictures of a drive have none.
        assert frames[0] >= 5, drive


def test_some_frames_of_the_published_list(split):
    assert split.TEST_FRAMES['2011_09_26_drive_0002_sync'][:4] == (6, 9, 12, 15)
    assert 66 not in split.TEST_FRAMES['2011_09_26_drive_0002_sync']
    assert split.TEST_FRAMES['2011_09_26_drive_0048_sync'] == tuple(range(5, 17))
    assert split.TEST_FRAMES['2011_10_03_drive_0027_sync'][-1] == 4535
    assert '2011_09_26_drive_0001_sync' in split.TRAIN_DRIVES


def test_the_config_knows_the_counts(split, repo_root):
    cfg = Config.fromfile(repo_root / 'configs/_base_/datasets/kitti.py')
    loaders = dict(train=cfg.train_dataloader, test=cfg.test_dataloader)
    found = {name: each.dataset.expected_lines for name, each in loaders.items()}
    assert found == split.NUM_PICTURES
