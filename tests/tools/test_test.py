from __future__ import annotations

import json

import pytest
import torch
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.registry import METRICS, MODELS

from diffmm.utils.command_line import UserError

# Mean of x + y over the points of ToyDataset.
MEAN = 0.9375


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint whose layer predicts the plain sum of its inputs."""
    path = tmp_path / 'weights.pth'
    state = {'layer.weight': torch.ones(1, 2), 'layer.bias': torch.zeros(1)}
    torch.save(dict(state_dict=state, meta={}), path)
    return path


def mean(work_dir):
    """The metric that the only run in a work dir wrote."""
    (path,) = work_dir.glob('*/*.json')
    return json.loads(path.read_text())['toy/mean']


def test_evaluates_the_checkpoint(toy_config, call_tool, checkpoint, tmp_path):
    call_tool('test', toy_config(), checkpoint, '--work-dir', 'out')
    assert mean(tmp_path / 'out') == pytest.approx(MEAN)


def test_amp_runs_the_unet_in_bfloat16(
    toy_config, call_tool, checkpoint, tmp_path, monkeypatch
):
    with pytest.raises(UserError, match=r'--amp runs the UNet.*\(ToyModel\) has none'):
        call_tool('test', toy_config(), checkpoint, '--amp', '--work-dir', 'out')
    monkeypatch.setattr(MODELS.get('ToyModel'), 'autocast', False, raising=False)
    call_tool('test', toy_config(), checkpoint, '--amp', '--work-dir', 'other')
    assert mean(tmp_path / 'other') == pytest.approx(MEAN)


def test_tta_takes_the_pipeline_and_wraps_the_model(
    toy_config, call_tool, checkpoint, tmp_path
):
    config = toy_config("tta_model = dict(type='ToyTTAModel')\ntta_pipeline = 3.0\n")
    call_tool('test', config, checkpoint, '--tta', '--work-dir', 'out')
    assert mean(tmp_path / 'out') == pytest.approx(-3 * MEAN)


def test_out_reaches_the_metrics_that_can_write(
    toy_config, call_tool, checkpoint, capsys
):
    extra = "test_evaluator = [dict(type='ToySilentMetric'), dict(type='ToyMetric')]\n"
    call_tool('test', toy_config(extra), checkpoint, '--out', 'predictions')
    assert 'output_dir=predictions keep_results=True' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('scope', 'metric', 'written'),
    [
        ('mmseg', dict(type='IoUMetric'), dict(output_dir='out')),
        ('mmseg', dict(type='PerImageDepthMetric'), dict(output_dir='out')),
        ('mmseg', dict(type='AlignedDepthMetric'), dict(output_dir='out')),
        ('mmseg', dict(type='ReferringIoUMetric'), dict(output_dir='out')),
        (
            'mmseg',
            dict(type='CityscapesMetric', output_dir='other'),
            dict(output_dir='out', keep_results=True),
        ),
        ('mmdet', dict(type='CocoMetric'), dict(outfile_prefix='out/predictions')),
        ('mmpose', dict(type='CocoMetric'), dict(outfile_prefix='out/predictions')),
        ('mmpose', dict(type='mmdet.CocoMetric'), dict(outfile_prefix='out/pred')),
    ],
)
def test_out_reaches_the_metrics_of_every_host(
    load_tool, tmp_path, monkeypatch, scope, metric, written
):
    monkeypatch.chdir(tmp_path)
    cfg = Config(dict(default_scope=scope, test_evaluator=metric))
    load_tool('test').keep_predictions(cfg, 'out')
    for key, value in written.items():
        assert str(cfg.test_evaluator[key]).startswith(str(value))


@pytest.mark.parametrize(
    'evaluator',
    [
        dict(type='TaskEvaluator', metrics=dict(depth=None, boxes=None)),
        dict(type='mmdet.MultiDatasetsEvaluator', metrics=[None, None]),
        dict(type='BySourceMetric', parts=dict(nyu=None, kitti=None)),
    ],
    ids=lambda evaluator: evaluator['type'],
)
def test_out_reaches_the_metrics_of_tasks_and_data_sets(
    load_tool, tmp_path, monkeypatch, evaluator
):
    monkeypatch.chdir(tmp_path)
    metrics = [dict(type='AlignedDepthMetric'), dict(type='mmdet.CocoMetric')]
    ((key, places),) = [item for item in evaluator.items() if item[0] != 'type']
    named = dict(zip(places, metrics, strict=True)) if isinstance(places, dict) else 0
    cfg = Config(dict(default_scope='mmseg', test_evaluator={**evaluator}))
    cfg.test_evaluator[key] = named or metrics
    load_tool('test').keep_predictions(cfg, 'out')
    depth, boxes = (
        cfg.test_evaluator[key].values() if named else cfg.test_evaluator[key]
    )
    assert depth.output_dir == 'out/0'
    assert boxes.outfile_prefix == 'out/1/predictions'


@pytest.mark.parametrize(
    ('scope', 'metric'),
    [
        ('mmdet', 'VOCMetric'),
        ('mmpose', 'PCKAccuracy'),
        ('mmengine', 'TopOneAccuracy'),
        ('mmengine', 'RetrievalMetric'),
    ],
)
def test_what_a_metric_cannot_write_becomes_a_pickle(
    load_tool, tmp_path, monkeypatch, scope, metric
):
    monkeypatch.chdir(tmp_path)
    cfg = Config(dict(default_scope=scope, test_evaluator=dict(type=metric)))
    load_tool('test').keep_predictions(cfg, 'out')
    own, added = cfg.test_evaluator
    assert own == dict(type=metric)
    assert METRICS.build(added).out_file_path == 'out/predictions.pkl'


def test_a_pickle_has_every_prediction(toy_config, call_tool, checkpoint, tmp_path):
    config = toy_config("test_evaluator = dict(type='ToySilentMetric')\n")
    call_tool('test', config, checkpoint, '--out', 'predictions')
    # One for each batch, as the toy model predicts.
    assert len(load(tmp_path / 'predictions' / 'predictions.pkl')) == 4


@pytest.mark.parametrize(
    ('metric', 'factor', 'units'),
    [
        (dict(type='PerImageDepthMetric'), 1e-3, 1000),
        (dict(type='DepthMetric'), 1 / 256, 256),
        (dict(type='AlignedDepthMetric'), None, 1000),
        (dict(type='DepthMetric', depth_scale_factor=100), 1e-3, 100),
    ],
)
def test_depth_is_written_in_the_units_of_the_data(
    load_tool, tmp_path, monkeypatch, metric, factor, units
):
    monkeypatch.chdir(tmp_path)
    steps = [dict(type='LoadDepthAnnotation', depth_rescale_factor=factor)]
    dataset = dict(type='ConcatDataset', datasets=[dict(pipeline=steps)])
    cfg = dict(default_scope='mmseg', test_evaluator=metric)
    cfg = Config(cfg | dict(test_dataloader=dict(dataset=dataset)))
    load_tool('test').keep_predictions(cfg, 'out')
    assert cfg.test_evaluator.depth_scale_factor == pytest.approx(units)


def test_two_metrics_write_into_two_folders(load_tool, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    metrics = [dict(type='CocoMetric', metric='bbox'), dict(type='CocoMetric')]
    cfg = Config(dict(default_scope='mmdet', test_evaluator=metrics))
    load_tool('test').keep_predictions(cfg, 'out')
    prefixes = [metric.outfile_prefix for metric in cfg.test_evaluator]
    assert prefixes == ['out/0/predictions', 'out/1/predictions']


# `test_two_processes_train_like_one` in test_train.py validates in two processes, and
# test_entry_points.py starts what the script starts.
@pytest.mark.slow
def test_two_processes_test_like_one(toy_config, checkpoint, run_dist, tmp_path):
    config = toy_config("work_dir = 'out'\n")
    result = run_dist('dist_test.sh', config, checkpoint, 2)
    assert result.returncode == 0, result.stderr
    assert mean(tmp_path / 'out') == pytest.approx(MEAN)


@pytest.mark.parametrize(
    ('config', 'arguments', 'message'),
    [
        ('toy.py', ['gone.pth'], "checkpoint 'gone.pth' does not exist"),
        ('gone.py', ['weights.pth'], "config 'gone.py' does not exist"),
        ('toy.py', ['weights.pth', '--tta'], 'needs tta_model and tta_pipeline'),
        (
            'toy.py',
            ['weights.pth', '--show-dir', 'out'],
            'need default_hooks.visualization',
        ),
        (
            'silent.py',
            ['weights.pth', '--out', 'out'],
            'no metric here writes predictions (ToySilentMetric)',
        ),
        (
            'unknown.py',
            ['weights.pth', '--out', 'out'],
            "metric 'NoSuchMetric' is not registered",
        ),
    ],
)
def test_mistakes_are_one_line(
    toy_config, call_tool, checkpoint, config, arguments, message
):
    toy_config()
    silent = "dict(type='TaskEvaluator', metrics=dict(a=dict(type='ToySilentMetric')))"
    toy_config(f'test_evaluator = {silent}\n', 'silent.py')
    toy_config("test_evaluator = dict(type='NoSuchMetric')\n", 'unknown.py')
    with pytest.raises(SystemExit) as caught:
        call_tool('test', config, *arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ('hook', 'switch'),
    [
        (dict(type='SegVisualizationHook'), 'draw'),
        (dict(type='PoseVisualizationHook', enable=False), 'enable'),
    ],
)
def test_drawing_is_switched_on(load_tool, hook, switch):
    test = load_tool('test')
    cfg = Config(
        dict(
            default_hooks=dict(visualization=hook),
            visualizer=dict(type='SegLocalVisualizer'),
        )
    )
    args = test.parse_args(
        ['c.py', 'w.pth', '--show', '--show-dir', 'painted', '--wait-time', '0.5']
    )
    test.enable_drawing(cfg, args)
    hook = cfg.default_hooks.visualization
    assert (hook[switch], hook.show, hook.wait_time) == (True, True, 0.5)
    assert {'draw', 'enable'} & set(hook) == {switch}
    assert cfg.visualizer.save_dir == 'painted'
    assert hook.interval == 1


def test_an_interval_of_drawing_stays(load_tool):
    test = load_tool('test')
    hook = dict(type='SegVisualizationHook', interval=7)
    cfg = Config(dict(default_hooks=dict(visualization=hook), visualizer=dict()))
    test.enable_drawing(cfg, test.parse_args(['c.py', 'w.pth', '--show-dir', 'd']))
    assert cfg.default_hooks.visualization.interval == 7


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (lambda state: b'', 'is empty'),
        (lambda state: state[: len(state) // 2], 'weights.pth cannot be read'),
        (lambda state: b'<html>404</html>', 'weights.pth cannot be read'),
        (lambda state: state.replace(b'layer.bias', b'other.bias'), 'cannot be read'),
        (dict(other=torch.zeros(1)), r'weights.pth does not fit .*toy.py: 2 of 2 tens'),
        (dict(epoch=3), 'weights.pth holds no state_dict of tensors'),
    ],
    ids=['empty', 'truncated', 'page', 'changed', 'foreign', 'no weights'],
)
def test_a_wrong_checkpoint_leaves_the_work_dir_as_it_was(
    toy_config, call_tool, checkpoint, tmp_path, content, message
):
    if isinstance(content, dict):
        torch.save(content, checkpoint)
    else:
        checkpoint.write_bytes(content(checkpoint.read_bytes()))
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / 'toy.py').write_text('before = 1\n')
    with pytest.raises((UserError, ValueError), match=message):
        call_tool('test', toy_config(), checkpoint, '--work-dir', 'out')
    assert [path.name for path in (tmp_path / 'out').rglob('*')] == ['toy.py']
    assert (tmp_path / 'out' / 'toy.py').read_text() == 'before = 1\n'
