import json

import cv2
import pytest


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


def test_what_is_printed_and_written(draw, tmp_path, capsys):
    more = ('--layout', 'ade20k', '--seed', '3', '--workers', '2')
    draw.main(arguments(tmp_path / 'world', *more))
    printed = capsys.readouterr()
    assert '8 scenes drawn, 0 were there already' in printed.out
    assert 'Drawing the mini world' in printed.err
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
    assert '1 scenes drawn, 191 were there already' in capsys.readouterr().out
    assert (tmp_path / 'world/refcoco/refcoco/refs(unc).p').exists()


@pytest.mark.parametrize(
    ('more', 'message'),
    [
        (['--layout', 'ade21k'], "unknown layout 'ade21k', choose from"),
        (['--style', 'oil'], "unknown style 'oil', choose from"),
        (['--size', '1024'], 'between 64 and 512 pixels, got 1024'),
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

    monkeypatch.setattr(draw, 'generate_worlds', full)
    with pytest.raises(SystemExit, match="No space left on device: 'a.jpg'; .*again"):
        draw.main(arguments(tmp_path / 'world'))


def test_a_foreign_folder_is_refused_unless_overwritten(draw, tmp_path):
    (tmp_path / 'photo.raw').write_text('')
    with pytest.raises(SystemExit, match='photo.raw.*--overwrite'):
        draw.main(arguments(tmp_path))
    draw.main(arguments(tmp_path, '--overwrite'))
    assert (tmp_path / 'photo.raw').exists()
    assert len(list(tmp_path.rglob('*.jpg'))) == 8


TABLES = """
data:
  data/real: {train: 3}
  data/one: {layout: ade20k, num_train: 2, num_val: 1, size: 64}
  data/two: {layout: nyu, num_train: 2, num_val: 1, size: 64}
tables:
  1: {title: Empty, tasks: {}, rows: []}
"""


def test_the_worlds_of_tables_are_drawn_in_one_call(draw, tmp_path, capsys):
    for name in ('a.yml', 'b.yml'):
        (tmp_path / name).write_text(TABLES)
    files = [str(tmp_path / name) for name in ('a.yml', 'b.yml')]
    for drawn in (6, 0):
        draw.main([str(tmp_path / 'data'), '--tables', *files])
        assert f'{drawn} scenes drawn, {6 - drawn} were' in capsys.readouterr().out
    folders = sorted(path.name for path in (tmp_path / 'data').iterdir())
    assert folders == ['one', 'two']


def test_by_default_they_are_those_of_the_repository(draw, tmp_path):
    worlds = draw.make_worlds(draw.parse_args([str(tmp_path), '--tables']))
    names = {root.name: settings for root, settings in worlds.items()}
    assert names['mini_ade20k'].num_train == 4000
    assert names['mini_cityscapes_extra'].seed == 1 and names['mini_coco'].size == 256


def test_tables_that_disagree_are_refused(draw, tmp_path):
    (tmp_path / 'a.yml').write_text(TABLES)
    (tmp_path / 'b.yml').write_text(TABLES.replace('num_train: 2', 'num_train: 4'))
    files = [str(tmp_path / name) for name in ('a.yml', 'b.yml')]
    with pytest.raises(SystemExit, match='data/one .*num_train: 2 -> 4'):
        draw.main([str(tmp_path / 'data'), '--tables', *files])
    (tmp_path / 'c.yml').write_text(TABLES.replace('nyu', 'nyv'))
    with pytest.raises(SystemExit, match="data data/two: unknown layout 'nyv'"):
        draw.main([str(tmp_path / 'data'), '--tables', str(tmp_path / 'c.yml')])
    assert not (tmp_path / 'data').exists()


@pytest.mark.parametrize(
    ('more', 'message'),
    [
        (['--layout', 'nyu'], 'leave --layout nyu out'),
        (['--num-train', '5'], 'leave --num-train 5 out'),
        (['--preview', 'a.png'], 'leave --tables out'),
    ],
)
def test_tables_take_no_other_settings(draw, tmp_path, capsys, more, message):
    with pytest.raises(SystemExit):
        draw.main([str(tmp_path / 'data'), '--tables', *more])
    assert message in capsys.readouterr().err
