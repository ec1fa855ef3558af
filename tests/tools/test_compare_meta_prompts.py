from __future__ import annotations

import json

import pytest
from mmengine.config import Config

from diffmm.studies import StudyRun

FIGURES = dict(segmentation=('mIoU', 30.0), depth=('rmse', 0.7))


@pytest.fixture
def tool(load_tool, monkeypatch):
    module = load_tool('analysis_tools/compare_meta_prompts')
    monkeypatch.setattr(StudyRun, 'complete', complete)
    monkeypatch.setattr(module, 'draw_data', lambda *args, **kwargs: 0)
    return module


def complete(run, environment):
    """Note a result without a training: the whole method is the best."""
    name, seed = run.name.split('_seed')
    task, _, ending = name.partition('_')
    key, figure = FIGURES[task]
    result = {key: figure * (1.1 if ending else 1.0) + 0.01 * int(seed)}
    (run.folder / 'result.json').write_text(json.dumps(result))
    return result


@pytest.fixture
def argv(tmp_path):
    return ['--work-dir', str(tmp_path / 'work'), '--data', str(tmp_path / 'data')]


def config(tmp_path, name):
    return Config.fromfile(tmp_path / 'work' / name / 'configs' / 'run.py')


def test_a_table_for_each_task(tool, argv, tmp_path, capsys):
    tool.main(argv)
    text = (tmp_path / 'work' / 'table.txt').read_text()
    assert text in capsys.readouterr().out
    rows = [line for line in text.splitlines() if line.startswith('whole')]
    assert [row.split()[-5:] for row in rows] == [
        ['0.700', '0.710', '0.720', '0.710', '0.010'],
        ['30.00', '30.01', '30.02', '30.01', '0.01'],
    ]
    summary = json.loads((tmp_path / 'work' / 'summary.json').read_text())
    assert list(summary['depth']) == list(tool.ROWS.values())
    assert summary['segmentation']['1 refinement step']['mean'] == pytest.approx(33.01)


def test_one_task_trains_nothing_of_the_other(tool, argv, tmp_path):
    tool.main([*argv, '--tasks', 'depth', '--seeds', '4'])
    folders = sorted(path.name for path in (tmp_path / 'work').iterdir())
    assert folders[-2:] == ['summary.json', 'table.txt']
    assert folders[:-2] == sorted(f'depth{ending}_seed4' for ending in tool.ROWS)


def test_rows_differ_in_the_model_alone(tool, argv, tmp_path):
    tool.main([*argv, '--seeds', '1'])
    for task in tool.TASKS:
        whole = config(tmp_path, f'{task}_seed1')
        model = whole.pop('model')
        assert whole.randomness.seed == 1
        for ending in list(tool.ROWS)[1:]:
            other = config(tmp_path, f'{task}{ending}_seed1')
            assert other.pop('model') != model
            for cfg in (whole, other):
                cfg.pop('num_steps', None)
            assert other._to_lazy_dict() == whole._to_lazy_dict()


def test_both_tasks_train_as_many_steps(tool, argv, tmp_path):
    tool.main([*argv, '--seeds', '0', '--iters', '30'])
    segmentation = config(tmp_path, 'segmentation_seed0')
    assert segmentation.train_cfg.max_iters == 30
    assert segmentation.param_scheduler[-1].end == 30
    depth = config(tmp_path, 'depth_seed0')
    assert depth.train_cfg.max_epochs == depth.train_cfg.val_interval == 1
    loader = depth.train_dataloader
    assert loader.batch_size == 4 and loader.dataset.indices == 30 * 4
    assert str(tmp_path / 'data' / 'mini_nyu') == loader.dataset.data_root


def test_foreign_data_is_named(load_tool, argv, tmp_path):
    tool = load_tool('analysis_tools/compare_meta_prompts')
    folder = tmp_path / 'data' / 'mini_nyu'
    folder.mkdir(parents=True)
    (folder / 'holiday.jpg').touch()
    with pytest.raises(SystemExit, match='error: .*mini_nyu'):
        tool.main([*argv, '--tasks', 'depth'])
