import json

import pytest

from diffmm.utils.scalars import read_scalars, read_test_scalars


def test_later_runs_win(tmp_path):
    for run, records in (
        ('a', [dict(step=1, loss=3.0), dict(step=2, loss=2.0)]),
        ('b', [dict(step=2, loss=1.0), dict(step=2, mIoU=5.0)]),
    ):
        path = tmp_path / run / 'vis_data' / 'scalars.json'
        path.parent.mkdir(parents=True)
        path.write_text('\n'.join(json.dumps(record) for record in records))
    assert read_scalars(tmp_path, 'loss') == {1: 3.0, 2: 1.0}
    assert read_scalars(tmp_path, 'mIoU') == {2: 5.0}


def test_a_folder_without_a_log_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        read_scalars(tmp_path, 'loss')


def test_the_last_test_counts(tmp_path):
    for stamp, value in (('20240101_000000', 1.0), ('20240102_000000', 2.0)):
        (tmp_path / stamp).mkdir()
        (tmp_path / stamp / f'{stamp}.json').write_text(json.dumps(dict(mIoU=value)))
    assert read_test_scalars(tmp_path) == {'mIoU': 2.0}


def test_a_folder_without_a_test_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f'no test has ended in {tmp_path}'):
        read_test_scalars(tmp_path)


def write_log(folder, *lines):
    path = folder / 'run' / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('\n'.join(lines))


def test_a_last_line_that_a_killed_run_left_is_skipped(tmp_path):
    write_log(tmp_path, '{"step": 1, "loss": 3.0}', '{"step": 2, "lo')
    assert read_scalars(tmp_path, 'loss') == {1: 3.0}


def test_a_broken_line_before_the_last_is_named(tmp_path):
    write_log(tmp_path, '{"step": 1, "lo', '{"step": 2, "loss": 3.0}')
    with pytest.raises(ValueError, match=r'scalars\.json, line 1 is no JSON .*remove'):
        read_scalars(tmp_path, 'loss')


def test_a_test_that_was_killed_does_not_count(tmp_path):
    for stamp, text in (('1', '{"mIoU": 2.0}'), ('2', '{"mI')):
        (tmp_path / stamp).mkdir()
        (tmp_path / stamp / f'{stamp}.json').write_text(text)
    assert read_test_scalars(tmp_path) == {'mIoU': 2.0}
    (tmp_path / '1' / '1.json').write_text('')
    with pytest.raises(FileNotFoundError, match='no test has ended'):
        read_test_scalars(tmp_path)
