from __future__ import annotations

import json

import pytest
from mmengine.config import Config
from mmengine.registry import DATASETS, MODELS, init_default_scope

from diffmm.studies import StudyRun

HEADS = ('LAVT', '1x1-convolution')


@pytest.fixture
def tool(load_tool, monkeypatch):
    module = load_tool('analysis_tools/compare_referring')
    monkeypatch.setattr(StudyRun, 'complete', complete)
    return module


def complete(run, environment):
    """Note a result without a training."""
    head, seed = run.name.split('_seed')
    own = (40 if head == 'LAVT' else 20) + int(seed)
    key = 'referring/network/oIoU'
    result = {key: own - 1, f'own/{key}': own, f'exchanged/{key}': 5}
    (run.folder / 'result.json').write_text(json.dumps(result))
    return result


@pytest.fixture
def argv(tmp_path):
    data = ['--data', str(tmp_path / 'data'), '--num-train', '4', '--num-val', '4']
    return ['--work-dir', str(tmp_path / 'work'), *data]


def test_own_and_exchanged_expressions_of_both_heads(tool, argv, tmp_path, capsys):
    tool.main(argv)
    text = (tmp_path / 'work' / 'table.txt').read_text()
    assert text in capsys.readouterr().out
    rows = [line.split()[-5:] for line in text.splitlines()[4:]]
    assert rows == [
        ['40.00', '41.00', '42.00', '41.00', '1.00'],
        ['5.00', '5.00', '5.00', '5.00', '0.00'],
        ['20.00', '21.00', '22.00', '21.00', '1.00'],
        ['5.00', '5.00', '5.00', '5.00', '0.00'],
    ]
    summary = json.loads((tmp_path / 'work' / 'summary.json').read_text())
    assert summary['LAVT, own'] == dict(mean=41, std=1)


def test_arms_differ_in_the_decoder_alone(tool, argv, tmp_path):
    tool.main(argv)
    folders = [tmp_path / 'work' / f'{head}_seed1' for head in HEADS]
    lavt, linear = (Config.fromfile(folder / 'configs/run.py') for folder in folders)
    heads = [cfg.model.pop('decode_head') for cfg in (lavt, linear)]
    assert lavt._to_lazy_dict() == linear._to_lazy_dict()
    assert lavt.randomness.seed == 1
    init_default_scope('mmseg')
    assert heads[0].loss_decode == heads[1].loss_decode
    built = [MODELS.build(head) for head in heads]
    sizes = [sum(p.numel() for p in head.parameters()) for head in built]
    width = sum(heads[0].in_channels)
    assert sizes[1] == 2 * (width + 1) < sizes[0] / 10


def test_controls_are_the_same_objects(tool, argv, tmp_path):
    tool.main(argv)
    init_default_scope('mmseg')
    items = {}
    for name in ('own', 'exchanged'):
        cfg = Config.fromfile(tmp_path / 'work' / 'LAVT_seed0/configs' / f'{name}.py')
        dataset = DATASETS.build(cfg.test_dataloader.dataset)
        items[name] = [dataset.get_data_info(i) for i in range(len(dataset))]
    pairs = list(zip(items['own'], items['exchanged'], strict=True))
    assert pairs and all(a['sent_id'] == b['sent_id'] for a, b in pairs)
    assert all(a['expression'] != b['expression'] for a, b in pairs)
