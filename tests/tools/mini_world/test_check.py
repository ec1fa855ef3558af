import cv2
import pytest

from diffmm.mini_world.checks import consistency


@pytest.fixture
def tool(load_tool):
    return load_tool('mini_world/check')


def test_consistent_scenes(tool, capsys):
    tool.main(['--scenes', '5', '--seed', '3', '--size', '64'])
    lines = capsys.readouterr().out.splitlines()
    rows = {
        name: (int(seen), int(bad)) for name, seen, bad in map(str.split, lines[1:])
    }
    assert set(rows) == set(consistency.CHECKS)
    assert all(bad == 0 for _, bad in rows.values())
    assert rows['masks'] == rows['boxes'] and rows['captions'][0] >= 20


def test_a_violation_is_shown_with_its_scene_and_ends_with_status_one(
    tool, capsys, monkeypatch
):
    def check(rendered):
        yield None
        yield 'something is wrong'

    monkeypatch.setitem(consistency.CHECKS, 'boxes', check)
    with pytest.raises(SystemExit) as stop:
        tool.main(['--scenes', '2', '--seed', '3', '--size', '64', '--split', 'val'])
    # A text is printed to stderr, and the status is then 1.
    assert '2 violations in the scenes of seed 3 at 64 pixels' in stop.value.code
    out = capsys.readouterr().out
    assert 'val scene 0: something is wrong' in out
    assert 'val scene 1: something is wrong' in out


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--size', '9'], 'size must lie between 64 and 512 pixels, got 9'),
        (['--seed', '-1'], 'seed must not be negative, got -1'),
    ],
)
def test_bad_arguments(tool, arguments, message):
    with pytest.raises(SystemExit, match=message):
        tool.main(arguments)


def test_sheets(tool, tmp_path):
    tool.main(['--scenes', '1', '--sheets', str(tmp_path / 'new')])
    found = sorted(path.name for path in (tmp_path / 'new').iterdir())
    assert found == ['annotations.png', 'objects.png', 'styles.png']
    for name in found:
        assert cv2.imread(str(tmp_path / 'new' / name)).std() > 20
