import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

TOOL = Path(__file__).parents[3] / 'tools/mini_world/draw.py'


@pytest.fixture(scope='module')
def draw(load_tool):
    return load_tool('mini_world/draw')


def arguments(out, *more):
    return [str(out), '--num-train', '6', '--num-val', '2', '--size', '64', *more]


def files(root):
    return {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob('*')
        if path.is_file()
    }


def test_command_line(tmp_path):
    command = [sys.executable, str(TOOL), *arguments(tmp_path / 'world')]
    done = subprocess.run(
        [*command, '--layout', 'ade20k', '--seed', '3', '--workers', '2'],
        cwd=TOOL.parents[2],
        env={**os.environ, 'PYTHONPATH': str(TOOL.parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '8 scenes drawn, 0 were there already' in done.stdout
    assert 'Drawing the mini world' in done.stderr
    manifest = json.loads((tmp_path / 'world/mini_world.json').read_text())
    assert manifest['seed'] == 3 and manifest['status'] == 'complete'
    assert len(list((tmp_path / 'world/images/training').glob('*.jpg'))) == 6
    assert len(list((tmp_path / 'world/annotations/validation').glob('*.png'))) == 2


def test_workers_do_not_change_the_files(draw, tmp_path):
    for workers in ('1', '2'):
        draw.main(arguments(tmp_path / workers, '--workers', workers))
    assert files(tmp_path / '1') == files(tmp_path / '2')


def test_a_rerun_completes_the_world(draw, tmp_path, capsys):
    draw.main(arguments(tmp_path / 'world'))
    (tmp_path / 'world/images/training/ADE_train_00000001.jpg').unlink()
    draw.main(arguments(tmp_path / 'world'))
    assert '1 scenes drawn, 7 were there already' in capsys.readouterr().out


def test_preview(draw, tmp_path):
    preview = tmp_path / 'preview.png'
    draw.main(arguments(tmp_path / 'world', '--preview', str(preview)))
    # Two rows of four scenes of 64 pixels beside their masks, and the legend.
    assert cv2.imread(str(preview)).shape == (2 * 68 + 44, 4 * 136 - 4, 3)


@pytest.mark.parametrize('layout', ['nighttime_driving', 'all'])
def test_every_layout_can_be_previewed(draw, tmp_path, layout):
    preview = tmp_path / 'preview.png'
    out = tmp_path / 'world'
    draw.main(
        arguments(out, '--layout', layout, '--preview', str(preview), '--style', 'fog')
    )
    rows = {'nighttime_driving': 1, 'all': 2}[layout]
    assert cv2.imread(str(preview)).shape[0] == rows * 68 + 44


def test_all_layouts_in_one_call(draw, tmp_path, capsys):
    draw.main(arguments(tmp_path / 'world', '--layout', 'all'))
    (tmp_path / 'world/coco/records/val/00000001.json').unlink()
    draw.main(arguments(tmp_path / 'world', '--layout', 'all'))
    assert '1 scenes drawn, 121 were there already' in capsys.readouterr().out
    assert (tmp_path / 'world/refcoco/refcoco/refs(unc).p').exists()


@pytest.mark.parametrize(
    ('more', 'message'),
    [
        (['--layout', 'ade21k'], "unknown layout 'ade21k', choose from"),
        (['--style', 'oil'], "unknown style 'oil', choose from"),
        (['--size', '1024'], 'between 64 and 512 pixels, got 1024'),
        (['--workers', '0'], 'workers must be at least 1, got 0'),
        (['--preview', 'sheet.jpg'], 'sheet.jpg does not end in .png'),
    ],
)
def test_bad_arguments_end_with_a_message(draw, tmp_path, more, message):
    with pytest.raises(SystemExit, match=message):
        draw.main(arguments(tmp_path / 'world', *more))
    assert not (tmp_path / 'world').exists()


def test_a_full_disk_ends_with_the_way_out(draw, tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, 'No space left on device', 'a.jpg')

    monkeypatch.setattr(draw, 'generate', full)
    with pytest.raises(SystemExit, match="No space left on device: 'a.jpg'; .*again"):
        draw.main(arguments(tmp_path / 'world'))


def test_a_foreign_folder_is_refused_unless_overwritten(draw, tmp_path):
    (tmp_path / 'photo.raw').write_text('')
    with pytest.raises(SystemExit, match='photo.raw.*--overwrite'):
        draw.main(arguments(tmp_path))
    draw.main(arguments(tmp_path, '--overwrite'))
    assert (tmp_path / 'photo.raw').exists()
    assert len(list(tmp_path.rglob('*.jpg'))) == 8
