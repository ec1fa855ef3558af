from __future__ import annotations

import io
import tarfile

import pytest

COUNTS = ['--num-train', '4', '--num-val', '1']
FRAMES = [
    *((scene, 'clone', camera) for scene in ('02', '20') for camera in (0, 1)),
    ('01', '15-deg-left', 1),
    # Marigold takes neither.
    ('02', 'fog', 0),
    ('20', '30-deg-right', 0),
]


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('dataset_converters/vkitti2_depth')


@pytest.fixture
def archives(tmp_path):
    paths = {}
    for kind, ending in (('rgb', 'jpg'), ('depth', 'png')):
        paths[kind] = tmp_path / f'vkitti_2.0.3_{kind}.tar'
        with tarfile.open(paths[kind], 'w') as archive:
            for scene, variant, camera in FRAMES:
                name = (
                    f'./Scene{scene}/{variant}/frames/{kind}/Camera_{camera}/'
                    f'{kind}_00007.{ending}'
                )
                info = tarfile.TarInfo(name)
                info.size = len(name)
                archive.addfile(info, io.BytesIO(name.encode()))
    return ['--rgb', str(paths['rgb']), '--depth', str(paths['depth'])]


def test_archives_become_lists(tool, archives, tmp_path, capsys):
    out = tmp_path / 'out'
    tool.main([str(out), *archives, *COUNTS])
    printed = capsys.readouterr().out
    assert 'rgb: 5 new files' in printed and 'complete: 4 and 1 pictures' in printed
    rows = (out / 'filenames/vkitti_train.txt').read_text().splitlines()
    assert len(rows) == 4
    assert rows[0] == (
        'rgb/Scene02/clone/frames/rgb/Camera_0/rgb_00007.jpg '
        'depth/Scene02/clone/frames/depth/Camera_0/depth_00007.png'
    )
    assert '15-deg-left' in (out / 'filenames/vkitti_val.txt').read_text()
    # A second call has nothing to do, and a lost file comes back.
    (out / rows[0].split()[0]).unlink()
    tool.main([str(out), *archives, *COUNTS])
    assert 'rgb: 1 new files' in capsys.readouterr().out


def test_the_original_lists_are_copied(tool, archives, tmp_path):
    given = tmp_path / 'given.txt'
    given.write_text('rgb/a.jpg depth/a.png\n')
    out = tmp_path / 'out'
    with pytest.raises(SystemExit, match='2 of 2 files .* are not below'):
        tool.main([str(out), *archives, *COUNTS, '--val-list', str(given)])
    assert (out / 'filenames/vkitti_val.txt').read_bytes() == given.read_bytes()


def test_counts_are_checked(tool, archives, tmp_path):
    with pytest.raises(SystemExit, match='has 4 lines instead of 20,148'):
        tool.main([str(tmp_path / 'out'), *archives])
    other = tmp_path / 'other.tar'
    tarfile.open(other, 'w').close()
    with pytest.raises(SystemExit, match='other.tar holds no Scene01'):
        tool.main([str(tmp_path / 'out'), '--rgb', str(other)])
