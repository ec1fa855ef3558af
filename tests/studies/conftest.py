from __future__ import annotations

import json
from pathlib import Path

import pytest

from diffmm.studies import Launcher, Options, Run, Study, load_tables

# They log the number that the config holds, as MMEngine does. `fail` fails; `stop` ends
# in the middle of a validation: with a checkpoint, without a figure.
TRAIN = """
import json, pathlib, runpy, sys
cfg = runpy.run_path(sys.argv[1])
work = pathlib.Path(sys.argv[sys.argv.index('--work-dir') + 1])
model, steps = cfg['model'], cfg['train_cfg']['max_iters']
print('training', sys.argv[2:])
if model.get('fail'):
    sys.exit('out of memory')
file = work / 'last_checkpoint'
done = int(file.read_text()[5:-4]) if file.exists() else 0
stop = work / 'stop'
log = work / str(done) / 'vis_data' / 'scalars.json'
log.parent.mkdir(parents=True, exist_ok=True)
for step in range(done + 1, steps + 1):
    (work / f'iter_{step}.pth').write_text('')
    (work / f'iter_{step - 1}.pth').unlink(missing_ok=True)
    file.write_text(f'iter_{step}.pth')
    if stop.exists() and step == int(stop.read_text()):
        stop.unlink()
        sys.exit('killed')
    with log.open('a') as output:
        output.write(json.dumps(dict(step=step, mIoU=model['value'] * step)) + '\\n')
"""
TEST = """
import json, pathlib, runpy, sys
cfg = runpy.run_path(sys.argv[1])
work = pathlib.Path(sys.argv[sys.argv.index('--work-dir') + 1])
checkpoint = pathlib.Path(sys.argv[2])
assert checkpoint.is_file()
step = int(checkpoint.stem[5:])
value = cfg['model']['value'] * step * (10 if '--tta' in sys.argv else 1)
(work / 'now').mkdir(parents=True)
(work / 'now' / 'now.json').write_text(json.dumps(dict(mIoU=value + 0.5)))
"""


@pytest.fixture
def launcher(tmp_path):
    """A launcher of scripts that do next to nothing."""
    folder = tmp_path / 'scripts'
    folder.mkdir()
    (folder / 'train.py').write_text(TRAIN)
    (folder / 'test.py').write_text(TEST)
    return Launcher(folder)


@pytest.fixture
def make_run(tmp_path):
    """Describe a run of the scripts."""

    def make(name='a', measures=(), tests=None, steps=4, **model):
        return Run(tmp_path / name, settings(steps, **model), measures, tests)

    return make


def settings(steps=4, **model):
    return dict(
        model={'value': 1, **model},
        train_cfg=dict(max_iters=steps),
        default_hooks=dict(logger=dict(log_metric_by_epoch=False)),
    )


TABLES = """
data:
  data/mini_ade20k: {layout: ade20k}
schedules:
  short: {train_cfg: {max_iters: 4}}
tables:
  1:
    title: One and two
    tasks:
      ADE20K:
        schedule: short
        metrics:
          mIoU, half: {key: mIoU, at: 0.5, digits: 1}
          mIoU: {key: mIoU, digits: 1}
    rows:
      - {name: theirs, ADE20K: {note: 80k, published: [null, 50]}}
      - {name: one, ADE20K: {config: big, mini: small, published: [40.5, 50.5]}}
      - name: two
        ADE20K: {config: big, mini: small, overrides: {model: {value: 2}}}
  weights:
    title: Values
    tests:
      more: {model: {value: 100}}
    tasks:
      mini world: {metrics: {mIoU: {key: mIoU}}}
    rows:
      - {name: plain, group: g, mini world: {mini: small}}
      - {name: random, group: g, mini world: {mini: small, weights: random}}
      - {name: more, mini world: {mini: small, test: more}}
figures:
  3:
    title: A curve
    tasks:
      ADE20K: {metrics: {mIoU: {key: mIoU}}}
    rows:
      - {name: one, ADE20K: {config: big}}
"""
SMALL = """
size = 4
model = dict(value=1, backbone=dict(pretrained='mini'))
train_cfg = dict(max_iters=size)
train_dataloader = dict(dataset=dict(data_root='data/mini_ade20k'))
auto_scale_lr = dict(base_batch_size=8)
"""


@pytest.fixture
def tables(tmp_path) -> Path:
    """A ``tables.yml`` with its configs."""
    folder = tmp_path / 'configs'
    folder.mkdir()
    (folder / 'tables.yml').write_text(TABLES)
    (folder / 'small.py').write_text(SMALL)
    (folder / 'big.py').write_text("_base_ = './small.py'\nsize = 8\n")
    return folder / 'tables.yml'


@pytest.fixture
def study(tables, tmp_path):
    """Table 1 on the mini world, with three seeds."""
    file = load_tables(tables)
    options = Options(tmp_path / 'work', mini=True, seeds=(0, 1, 2))
    return Study(file, file.find('table', '1'), options)


FIGURES = {'small_short': [30, 31, 32.5], 'small_short_two': [10, 10, 10]}


def note(study, figures=FIGURES, seeds=(0, 1, 2)):
    """Note results without trainings."""
    for run in study.runs:
        name, _, seed = run.name.rpartition('_seed')
        if int(seed) in seeds:
            run.folder.mkdir(parents=True, exist_ok=True)
            value = figures[name][int(seed)]
            found = {'mIoU@0.5': value / 2, 'mIoU': value}
            record = dict(hash=run.hash, figures=found, settings={})
            (run.folder / 'run.json').write_text(json.dumps(record))
