import zipfile

import pytest

from diffmm.mini_world import generate

COUNTS = ['--num-train', '3', '--num-test', '2']
TRAIN = '2011_09_26_drive_0001_sync'
TEST = '2011_09_26_drive_0002_sync'
# A drive of the depth benchmark that is in neither part of the split.
OTHER = '2011_09_26_drive_0119_sync'
RAW_MAP = '{part}/{drive}/proj_depth/groundtruth/{camera}/{frame:010d}.png'


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('dataset_converters/kitti_depth')


def picture(drive, frame, camera='image_02'):
    return f'2011_09_26/{drive}/{camera}/data/{frame:010d}.png'


def depth_map(part, drive, frame, camera='image_02'):
    return RAW_MAP.format(part=part, drive=drive, camera=camera, frame=frame)


def write_zip(path, names):
    with zipfile.ZipFile(path, 'w') as archive:
        for name in names:
            archive.writestr(name, name)


@pytest.fixture
def archives(tmp_path):
    """Two drives of eight frames, and depth maps of three of each; other files."""
    raw = tmp_path / 'raw'
    raw.mkdir()
    for drive in (TRAIN, TEST):
        names = [picture(drive, frame) for frame in range(4, 12)]
        names += [picture(drive, 5, 'image_03'), f'2011_09_26/{drive}/oxts/data/5.txt']
        write_zip(raw / f'{drive}.zip', names)
    write_zip(raw / f'{OTHER}.zip', [picture(OTHER, 5)])
    (raw / 'readme.txt').write_text('no archive')
    maps = [
        # KITTI's own parts are not those of the split.
        *(depth_map('val', TRAIN, frame) for frame in (5, 6, 7)),
        *(depth_map('train', TEST, frame) for frame in (6, 7, 9)),
        depth_map('train', TEST, 6, 'image_03'),
        depth_map('train', OTHER, 5),
        'devkit/readme.txt',
        f'train/../../{TRAIN}/proj_depth/groundtruth/image_02/0000000005.png',
    ]
    write_zip(tmp_path / 'data_depth_annotated.zip', maps)
    return ['--raw', str(raw), '--depth', str(tmp_path / 'data_depth_annotated.zip')]


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob('*')
        if path.is_file()
    }


def test_the_whole_conversion(tool, tmp_path, archives, capsys):
    root = tmp_path / 'kitti'
    tool.main([str(root), *archives, *COUNTS])
    out = capsys.readouterr().out
    assert 'is complete: 3 and 2 pictures' in out
    assert f'no archive of 59 of 61 drives: {sorted(tool.DRIVES)[2]}' in out
    written = files(root)
    assert len(written) == 2 * 8 + 2 * 3 + 2
    # Only the left color camera, as it is in the archive.
    name = picture(TRAIN, 5)
    assert written[f'raw_data/{name}'] == name.encode()
    assert not [name for name in written if 'image_03' in name or OTHER in name]
    lists = {
        split: written[f'filenames/eigen_benchmark/{split}_list.txt'].decode()
        for split in ('train', 'test')
    }
    assert lists['train'].splitlines() == [
        f'/raw_data/{picture(TRAIN, frame)} '
        f'/data_depth_annotated/{depth_map("val", TRAIN, frame)}'
        for frame in (5, 6, 7)
    ]
    # Frame 7 has a depth map, but was not chosen.
    assert 7 not in tool.TEST_FRAMES[TEST] and {6, 9} <= set(tool.TEST_FRAMES[TEST])
    assert lists['test'].splitlines() == [
        f'/raw_data/{picture(TEST, frame)} '
        f'/data_depth_annotated/{depth_map("train", TEST, frame)}'
        for frame in (6, 9)
    ]


def test_a_rerun_keeps_what_is_there_and_completes(tool, tmp_path, archives):
    root = tmp_path / 'kitti'
    tool.main([str(root), *archives, *COUNTS])
    first = files(root)
    gone = root / 'raw_data' / picture(TRAIN, 6)
    cut = root / 'data_depth_annotated' / depth_map('train', TEST, 9)
    times = {p: p.stat().st_mtime_ns for p in root.rglob('*.png') if p != cut}
    gone.unlink()
    cut.write_bytes(b'2')
    # What a killed process leaves behind.
    gone.with_name(f'.{gone.name}.1.tmp').write_bytes(b'half')
    tool.main([str(root), *archives, *COUNTS])
    assert files(root) == first
    changed = {p for p, time in times.items() if p.stat().st_mtime_ns != time}
    assert changed == {gone}


def test_a_given_list_is_taken_and_stays(tool, tmp_path, archives):
    row = (
        f'/raw_data/{picture(TRAIN, 6)} '
        f'/data_depth_annotated/{depth_map("val", TRAIN, 6)}\n'
    )
    given = tmp_path / 'train_list.txt'
    given.write_text(row)
    root, counts = tmp_path / 'kitti', ['--num-train', '1', '--num-test', '2']
    tool.main([str(root), *archives, *counts, '--train-list', str(given)])
    tool.main([str(root), *archives, *counts])
    path = root / 'filenames/eigen_benchmark/train_list.txt'
    assert path.read_text() == row


def test_wrong_counts_and_missing_files_are_told(tool, tmp_path, archives):
    root = tmp_path / 'kitti'
    tool.main([str(root), *archives, *COUNTS])
    (root / 'raw_data' / picture(TEST, 9)).unlink()
    with pytest.raises(SystemExit) as error:
        tool.main([str(root)])
    message = str(error.value)
    assert 'train_list.txt has 3 lines instead of 23,158' in message
    assert 'test_list.txt has 2 lines instead of 652' in message
    assert '1 of 4 files' in message and '0000000009.png' in message


def test_an_empty_folder_is_not_complete(tool, tmp_path):
    with pytest.raises(SystemExit, match='train_list.txt does not exist'):
        tool.main([str(tmp_path)])


def test_the_mini_world_passes_the_check(tool, tmp_path, capsys):
    generate(tmp_path, 'kitti', 3, 2, size=64, seed=0)
    before = files(tmp_path)
    tool.main([str(tmp_path), *COUNTS])
    assert 'is complete: 3 and 2 pictures' in capsys.readouterr().out
    assert files(tmp_path) == before


def test_other_files_are_refused(tool, tmp_path, archives):
    root = str(tmp_path / 'kitti')
    other = tmp_path / 'other.zip'
    other.write_bytes(b'no archive')
    with pytest.raises(
        SystemExit,
        match='kitti_depth.py: error: .*other.zip is no intact ZIP .*File is not a zip',
    ):
        tool.main([root, '--depth', str(other)])
    write_zip(other, ['train/a.png'])
    with pytest.raises(SystemExit, match='it is not data_depth_annotated.zip'):
        tool.main([root, '--depth', str(other)])
    write_zip(tmp_path / 'raw' / f'{TRAIN}.zip', ['extract/a.png'])
    with pytest.raises(SystemExit, match='it is not the drive.s synced and rectified'):
        tool.main([root, *archives])
    with pytest.raises(SystemExit, match='error: .*No such file'):
        tool.main([root, '--raw', str(tmp_path / 'nowhere')])
