from diffmm.datasets.kitti_eigen_split import NUM_PICTURES, TEST_FRAMES, TRAIN_DRIVES


def test_the_known_numbers():
    """33 and 28 of the 61 drives of the three categories; 652 test pictures."""
    assert len(TRAIN_DRIVES) == len(set(TRAIN_DRIVES)) == 33
    assert len(TEST_FRAMES) == 28
    assert not set(TRAIN_DRIVES) & set(TEST_FRAMES)
    frames = [len(frames) for frames in TEST_FRAMES.values()]
    assert sum(frames) == NUM_PICTURES['test'] == 652
    # Eigen et al. took 25 of every drive, or all of a shorter one.
    assert max(frames) == 25 and min(frames) == 12


def test_frames_are_in_order_and_have_depth_maps():
    for drive, frames in TEST_FRAMES.items():
        assert list(frames) == sorted(set(frames)), drive
        # The first five pictures of a drive have none.
        assert frames[0] >= 5, drive


def test_some_frames_of_the_published_list():
    assert TEST_FRAMES['2011_09_26_drive_0002_sync'][:4] == (6, 9, 12, 15)
    assert 66 not in TEST_FRAMES['2011_09_26_drive_0002_sync']
    assert TEST_FRAMES['2011_09_26_drive_0048_sync'] == tuple(range(5, 17))
    assert TEST_FRAMES['2011_10_03_drive_0027_sync'][-1] == 4535
    assert '2011_09_26_drive_0001_sync' in TRAIN_DRIVES
