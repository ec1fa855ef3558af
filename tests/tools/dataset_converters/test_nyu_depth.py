import sys
import types
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io

from diffmm.mini_world import generate

COUNTS = ['--num-train', '3', '--num-test', '2']
SCENE_OF = ['cafe', 'bathroom', 'home_office', 'bathroom']


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('dataset_converters/nyu_depth')


def encoded(suffix, image):
    return cv2.imencode(suffix, image)[1].tobytes()


def sync_files():
    files = {}
    for number, scene in enumerate(['cafe_0001a', 'cafe_0001a', 'study_0003']):
        image = np.full((4, 6, 3), 40 * number, np.uint8)
        depth = np.full((4, 6), 1000 + number, np.uint16)
        files[f'{scene}/rgb_{number:05d}.jpg'] = encoded('.jpg', image)
        files[f'{scene}/sync_depth_{number:05d}.png'] = encoded('.png', depth)
    return files


@pytest.fixture
def sync(tmp_path):
    path = tmp_path / 'sync.zip'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('sync/', '')
        for name, content in sync_files().items():
            archive.writestr(f'sync/{name}', content)
        archive.writestr('sync/readme.txt', 'no picture')
        archive.writestr('sync/../../evil.jpg', 'outside')
        archive.writestr('__MACOSX/sync.jpg', 'resource fork')
    return path


class StoredFile(dict):
    """What h5py.File gives for a MATLAB 7.3 file: arrays, and text by reference."""

    def __init__(self, path, mode):
        assert mode == 'r' and Path(path).is_file()
        super().__init__(self.content)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


@pytest.fixture
def labeled(tmp_path, monkeypatch):
    """Paths of a labeled set of four pictures, two of them for testing.

    h5py is optional, so its reader is replaced by the arrays that it would give.
    """
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (4, 3, 640, 480), dtype=np.uint8)
    depths = random.uniform(0.8, 9.9, (4, 640, 480)).astype(np.float32)
    depths[:, :9] = 0
    texts = {
        f'ref{number}': np.array([[ord(char)] for char in scene], np.uint16)
        for number, scene in enumerate(SCENE_OF)
    }
    content = dict(
        images=images, rawDepths=depths, sceneTypes=np.array([list(texts)]), **texts
    )
    module = types.ModuleType('h5py')
    module.File = type('File', (StoredFile,), dict(content=content))
    monkeypatch.setitem(sys.modules, 'h5py', module)
    (tmp_path / 'labeled.mat').write_bytes(b'MATLAB 7.3')
    splits = tmp_path / 'splits.mat'
    # MATLAB counts from one.
    scipy.io.savemat(splits, dict(testNdxs=[[4], [2]], trainNdxs=[[1], [3]]))
    return tmp_path / 'labeled.mat', splits, images, depths


def files(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob('*')
        if path.is_file()
    }


def stamps(root):
    return {path: path.stat().st_mtime_ns for path in root.rglob('*.*g')}


def convert(tool, root, sync, labeled, *more):
    mat, splits, *_ = labeled
    paths = ['--sync', sync, '--labeled', mat, '--splits', splits]
    tool.main([str(root), *map(str, paths), *COUNTS, *more])


def test_the_whole_conversion(tool, tmp_path, sync, labeled, capsys):
    root = tmp_path / 'nyu'
    convert(tool, root, sync, labeled)
    assert 'is complete: 3 and 2 pictures' in capsys.readouterr().out
    written = files(root)
    lists = [name for name in written if name.startswith('filenames')]
    assert len(written) == 6 + 4 + 2 and len(lists) == 2
    for name, content in sync_files().items():
        assert written[f'nyu_depth_v2/sync/{name}'] == content
    assert written['filenames/nyudepthv2/train_list.txt'].decode().splitlines() == [
        '/cafe_0001a/rgb_00000.jpg /cafe_0001a/sync_depth_00000.png',
        '/cafe_0001a/rgb_00001.jpg /cafe_0001a/sync_depth_00001.png',
        '/study_0003/rgb_00002.jpg /study_0003/sync_depth_00002.png',
    ]
    assert not (tmp_path / 'evil.jpg').exists()


def test_test_pictures(tool, tmp_path, sync, labeled):
    root = tmp_path / 'nyu'
    convert(tool, root, sync, labeled)
    *_, images, depths = labeled
    for number in (1, 3):
        folder = root / 'nyu_depth_v2/official_splits/test/bathroom'
        path = folder / f'sync_depth_{number:05d}.png'
        depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert depth.dtype == np.uint16 and depth.shape == (480, 640)
        assert np.array_equal(depth, (depths[number].T * 1000).astype(np.uint16))
        image = cv2.imread(str(folder / f'rgb_{number:05d}.jpg'))[..., ::-1]
        true = images[number].transpose(2, 1, 0).astype(int)
        inner = (slice(7, 474), slice(7, 632))
        # JPEG of noise, so only the mean is close; the frame is black.
        assert np.abs(image[inner].mean((0, 1)) - true[inner].mean((0, 1))).max() < 3
        green = [picture[inner][..., 1].ravel() for picture in (image, true)]
        assert np.corrcoef(*green)[0, 1] > 0.8
        assert image[:6].max() < 60 and image[:6].mean() < 5


def test_a_rerun_keeps_what_is_there_and_completes(tool, tmp_path, sync, labeled):
    root = tmp_path / 'nyu'
    convert(tool, root, sync, labeled)
    first, times = files(root), stamps(root)
    gone = root / 'nyu_depth_v2/official_splits/test/bathroom/rgb_00001.jpg'
    cut = root / 'nyu_depth_v2/sync/study_0003/rgb_00002.jpg'
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:10])
    # What a killed process leaves behind.
    gone.with_name('.rgb_00001.jpg.1.tmp').write_bytes(b'half')
    convert(tool, root, sync, labeled)
    assert files(root) == first
    kept = [path for path, time in stamps(root).items() if times[path] == time]
    assert len(kept) == 10 - 3  # the pair of the missing picture, and the cut one


def test_a_given_list_is_taken(tool, tmp_path, sync, labeled):
    row = '/study_0003/rgb_00002.jpg /study_0003/sync_depth_00002.png\n'
    given = tmp_path / 'train_list.txt'
    given.write_text(row)
    root = tmp_path / 'nyu'
    convert(tool, root, sync, labeled, '--train-list', str(given), '--num-train', '1')
    # A later run without the option leaves it.
    convert(tool, root, sync, labeled, '--num-train', '1')
    assert (root / 'filenames/nyudepthv2/train_list.txt').read_text() == row


def test_wrong_counts_and_missing_files_are_told(tool, tmp_path, sync, labeled):
    root = tmp_path / 'nyu'
    convert(tool, root, sync, labeled)
    (root / 'nyu_depth_v2/sync/cafe_0001a/rgb_00001.jpg').unlink()
    with pytest.raises(SystemExit) as error:
        tool.main([str(root)])
    message = str(error.value)
    assert 'train_list.txt has 3 lines instead of 24,231' in message
    assert 'test_list.txt has 2 lines instead of 654' in message
    assert '1 of 6 files' in message and 'cafe_0001a/rgb_00001.jpg' in message


def test_an_empty_folder_is_not_complete(tool, tmp_path):
    with pytest.raises(SystemExit, match='train_list.txt does not exist'):
        tool.main([str(tmp_path)])


def test_the_mini_world_passes_the_check(tool, tmp_path, capsys):
    generate(tmp_path, 'nyu', 3, 2, size=64, seed=0)
    tool.main([str(tmp_path), *COUNTS])
    assert 'is complete: 3 and 2 pictures' in capsys.readouterr().out


def test_h5py_is_asked_for(tool, tmp_path, labeled, monkeypatch):
    mat, splits, *_ = labeled
    monkeypatch.setitem(sys.modules, 'h5py', None)
    arguments = ['--labeled', str(mat), '--splits', str(splits)]
    with pytest.raises(SystemExit, match='needs h5py.*python -m pip install h5py'):
        tool.main([str(tmp_path / 'nyu'), *arguments])


def test_other_files_are_refused(tool, tmp_path, sync, labeled):
    mat, splits, *_ = labeled
    root = str(tmp_path / 'nyu')
    other = tmp_path / 'other.mat'
    scipy.io.savemat(other, dict(a=1))
    with pytest.raises(SystemExit, match='no testNdxs; it is not splits.mat'):
        tool.main([root, '--labeled', str(mat), '--splits', str(other)])
    scipy.io.savemat(other, dict(testNdxs=[[9]]))
    with pytest.raises(SystemExit, match='names 1 test pictures, the last one 8, but'):
        tool.main([root, '--labeled', str(mat), '--splits', str(other)])
    with pytest.raises(
        SystemExit,
        match='nyu_depth.py: error: .*other.mat is no intact ZIP .*File is not a zip',
    ):
        tool.main([root, '--sync', str(other)])
    with zipfile.ZipFile(sync, 'w') as archive:
        archive.writestr('elsewhere/deep/er/a.jpg', b'')
    with pytest.raises(SystemExit, match='it is not sync.zip'):
        tool.main([root, '--sync', str(sync)])


def test_damaged_matlab_files_are_named(tool, tmp_path, labeled, monkeypatch):
    mat, splits, *_ = labeled
    damaged = tmp_path / 'damaged.mat'
    damaged.write_bytes(b'hello')
    argv = [str(tmp_path / 'nyu'), '--labeled', str(mat), '--splits']
    with pytest.raises(SystemExit, match=r'damaged\.mat cannot be read \(.*trunc'):
        tool.main([*argv, str(damaged)])

    def refuse(path, mode):
        raise OSError('file signature not found')

    monkeypatch.setattr(sys.modules['h5py'], 'File', refuse)
    with pytest.raises(SystemExit, match=r'cannot be read \(file signature'):
        tool.main([*argv, str(splits)])


def test_the_labelled_set_needs_its_split(tool, tmp_path, capsys):
    with pytest.raises(SystemExit):
        tool.main([str(tmp_path), '--labeled', 'a.mat'])
    assert 'belong together' in capsys.readouterr().err
