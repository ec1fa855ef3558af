import zipfile

import pytest


@pytest.fixture(scope='module')
def archives(load_tool):
    return load_tool('dataset_converters/depth_archives')


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / 'a.zip'
    with zipfile.ZipFile(path, 'w') as file:
        file.writestr('keep/one.png', b'1')
        file.writestr('keep/two.png', b'22')
        file.writestr('drop/three.png', b'333')
    return path


def kept(name):
    return name.removeprefix('keep/') if name.startswith('keep/') else None


def test_chosen_files_are_written_once(archives, archive, tmp_path):
    folder = tmp_path / 'out'
    assert archives.unpack(archive, folder, kept) == (2, 2)
    assert sorted(path.name for path in folder.iterdir()) == ['one.png', 'two.png']
    # A file that was cut off is written anew, the other one is left alone.
    (folder / 'two.png').write_bytes(b'2')
    time = (folder / 'one.png').stat().st_mtime_ns
    assert archives.unpack(archive, folder, kept) == (2, 1)
    assert (folder / 'two.png').read_bytes() == b'22'
    assert (folder / 'one.png').stat().st_mtime_ns == time
    assert archives.unpack(archive, folder, lambda name: None) == (0, 0)


def test_a_list_is_compared_with_the_folder(archives, tmp_path):
    path = tmp_path / 'list.txt'
    assert archives.check_list(path, tmp_path, 1) == [f'{path} does not exist']
    path.write_text('/a.jpg /a.png\n\nb.jpg b.png 518.8\n')
    for name in ('a.jpg', 'a.png', 'b.jpg'):
        (tmp_path / name).touch()
    length, missing = archives.check_list(path, tmp_path, 3)
    assert 'has 2 lines instead of 3' in length
    assert missing.startswith('1 of 4 files') and missing.endswith('first one b.png')
    (tmp_path / 'b.png').touch()
    assert archives.check_list(path, tmp_path, 2) == []
