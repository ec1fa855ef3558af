import pytest

from diffmm.mini_world import generate


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('dataset_checks/check_layout')


def test_a_world_is_whole(tool, tmp_path, capsys):
    generate(tmp_path, 'diode', num_train=0, num_val=3, size=64)
    tool.main(['diode', str(tmp_path), '--workers', '1'])
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ['data', 'set,', 'part', 'samples', 'expected', 'problems']
    assert row.split() == ['diode,', 'val', '3', '3', '0']


def test_what_is_missing_of_the_real_one_is_named(tool, tmp_path, capsys):
    generate(tmp_path, 'hypersim', num_train=2, num_val=1, size=64)
    (tmp_path / 'mini_world.json').unlink()
    next((tmp_path / 'val').rglob('depth*.png')).unlink()
    with pytest.raises(SystemExit, match='3 problems'):
        tool.main(['hypersim', str(tmp_path)])
    out = capsys.readouterr().out
    assert 'hypersim, train: 2 samples, not 53,885' in out
    assert 'hypersim, val: 1 samples, not 7,370' in out
    assert 'depth_plane_cam_00_fr0000.png does not exist' in out


def test_all_layouts_are_in_folders_of_their_names(tool, mini_worlds, capsys):
    tool.main(['all', str(mini_worlds), '--samples', '1', '--workers', '1'])
    assert len(capsys.readouterr().out.splitlines()) > 40


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['hypersin', '.'], "unknown layout 'hypersin'"),
        (['hypersim', 'nowhere'], 'nowhere is no folder'),
    ],
)
def test_bad_arguments(tool, arguments, message):
    with pytest.raises(SystemExit, match=message):
        tool.main(arguments)
