"""The split of KITTI's raw recordings by Eigen et al., frame by frame.

*Depth Map Prediction from a Single Image using a Multi-Scale Deep Network* (2014) tests
on 697 pictures of 28 drives. It trains on the other 33 drives of the categories city,
residential and road: 23,488 pictures of the left color camera. The later depth
benchmark has no depth map for the first and last five pictures of a drive. 23,158
pictures to train on and 652 to test on are left; these are listed here.
"""

from __future__ import annotations

NUM_PICTURES = {'train': 23158, 'test': 652}


def _drives(day: str, numbers: str) -> tuple[str, ...]:
    return tuple(f'{day}_drive_{number}_sync' for number in numbers.split())


def _frames(
    *runs: tuple[int, int, int], missing: tuple[int, ...] = ()
) -> tuple[int, ...]:
    """Frames of runs (first, last, step), without the missing ones."""
    frames = [n for first, last, step in runs for n in range(first, last + 1, step)]
    return tuple(n for n in frames if n not in missing)


TRAIN_DRIVES = (
    *_drives(
        '2011_09_26',
        '0001 0005 0011 0014 0015 0017 0018 0019 0022 0028 0032 0035 '
        '0039 0051 0057 0060 0061 0070 0079 0087 0091 0095 0104 0113',
    ),
    *_drives('2011_09_28', '0001'),
    *_drives('2011_09_29', '0004 0026'),
    *_drives('2011_09_30', '0020 0028 0033 0034'),
    *_drives('2011_10_03', '0034 0042'),
)
"""Drives of the training pictures: all pictures that have a depth map."""

TEST_FRAMES: dict[str, tuple[int, ...]] = {
    '2011_09_26_drive_0002_sync': _frames((6, 69, 3), missing=(66,)),
    '2011_09_26_drive_0009_sync': _frames((16, 176, 16), (196, 388, 16)),
    '2011_09_26_drive_0013_sync': _frames((5, 135, 5), missing=(15, 25, 55, 75)),
    '2011_09_26_drive_0020_sync': _frames((6, 78, 3), missing=(24, 30, 39)),
    '2011_09_26_drive_0023_sync': _frames((18, 468, 18), missing=(234,)),
    '2011_09_26_drive_0027_sync': _frames((7, 182, 7), missing=(105, 154)),
    '2011_09_26_drive_0029_sync': _frames(
        (14, 196, 14), (268, 408, 14), missing=(282,)
    ),
    '2011_09_26_drive_0036_sync': _frames((32, 768, 32), missing=(736,)),
    '2011_09_26_drive_0046_sync': _frames((5, 115, 5)),
    '2011_09_26_drive_0048_sync': _frames((5, 16, 1)),
    '2011_09_26_drive_0052_sync': _frames((6, 52, 2), missing=(24, 34)),
    '2011_09_26_drive_0056_sync': _frames((11, 286, 11), missing=(132,)),
    '2011_09_26_drive_0059_sync': _frames(
        (14, 238, 14), (274, 358, 14), missing=(168,)
    ),
    '2011_09_26_drive_0064_sync': _frames((22, 550, 22), missing=(132,)),
    '2011_09_26_drive_0084_sync': _frames((49, 374, 13), missing=(166,)),
    '2011_09_26_drive_0086_sync': _frames((7, 682, 27), missing=(547,)),
    '2011_09_26_drive_0093_sync': _frames((16, 256, 16), (305, 417, 16)),
    '2011_09_26_drive_0096_sync': _frames((19, 456, 19)),
    '2011_09_26_drive_0101_sync': _frames((80, 930, 34), missing=(250,)),
    '2011_09_26_drive_0106_sync': _frames((15, 15, 1), (35, 219, 8)),
    '2011_09_26_drive_0117_sync': _frames((26, 650, 26), missing=(520,)),
    '2011_09_28_drive_0002_sync': _frames((6, 90, 3), missing=(15, 27, 42, 66, 69, 75)),
    '2011_09_29_drive_0071_sync': _frames(
        (36, 612, 36), (735, 951, 36), missing=(843,)
    ),
    '2011_09_30_drive_0016_sync': _frames((11, 264, 11), missing=(99,)),
    '2011_09_30_drive_0018_sync': _frames(
        (107, 2247, 107), (2419, 2740, 107), missing=(321,)
    ),
    '2011_09_30_drive_0027_sync': _frames(
        (41, 656, 41), (753, 1081, 41), missing=(999,)
    ),
    '2011_10_03_drive_0027_sync': _frames(
        (181, 543, 181), (734, 4535, 181), missing=(2182,)
    ),
    '2011_10_03_drive_0047_sync': _frames((32, 800, 32), missing=(256,)),
}
"""Numbers of the test pictures, by drive."""
