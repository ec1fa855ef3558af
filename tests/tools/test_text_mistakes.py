"""Wrong captions end a training or a test before its first batch."""

from __future__ import annotations

import json

import pytest
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner import save_checkpoint

from diffmm.mini_world import generate

MINI = 'configs/tadp/tadp_mini_fpn_1xb8-2e_mini-voc12-128x128'


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    """A small Pascal VOC, with a caption of each picture in ``captions.json``."""
    root = tmp_path_factory.mktemp('world')
    generate(root, 'voc', num_train=2, num_val=2, size=64)
    drawn = json.loads((root / 'captions/pascal_captions.json').read_text())
    entries = {name: dict(captions=row['captions'][:1]) for name, row in drawn.items()}
    (root / 'captions.json').write_text(json.dumps(entries))
    return root


@pytest.fixture
def write(world, repo_root, tmp_path):
    """Writes a config that reads the world, and other captions."""

    def write(captions='captions.json', kind='', more=''):
        path = tmp_path / 'a.py'
        path.write_text(
            f'_base_ = {str(repo_root / f"{MINI}{kind}.py")!r}\n'
            + 'train_dataloader = dict(batch_size=2, num_workers=0, '
            f'persistent_workers=False, dataset=dict(data_root={str(world)!r}))\n'
            'val_dataloader = dict(num_workers=0, persistent_workers=False, '
            f'dataset=dict(data_root={str(world)!r}))\n'
            'test_dataloader = val_dataloader\n'
            # MMEngine keeps visualizers by name.
            f'visualizer = dict(name={tmp_path.name!r})\n'
            'model = dict(backbone=dict(pretrained=None))\n' + more
        )
        if not kind:
            cfg = Config.fromfile(path)
            for part in ('train', 'val', 'test'):
                step = cfg[f'{part}_dataloader'].dataset.pipeline[-2]
                assert step.type == 'LoadCaption'
                step.ann_file = str(world / captions)
            cfg.dump(path)
        return path

    return write


def test_a_picture_of_the_validation_without_caption(write, world, call_tool, tmp_path):
    entries = json.loads((world / 'captions.json').read_text())
    gone = sorted(entries)[-1]
    assert gone in (world / 'VOC2012/ImageSets/Segmentation/val.txt').read_text()
    del entries[gone]
    (world / 'less.json').write_text(json.dumps(entries))
    with pytest.raises(ValueError, match=f'{gone}.* 1 of 2 pictures of the data set'):
        call_tool('train', write('less.json'))
    assert not (tmp_path / 'work_dirs').exists(), 'no step was made'


def test_names_of_another_data_set(write, world, call_tool, tmp_path):
    path = write('other.json')
    entries = json.loads((world / 'captions.json').read_text())
    entries = {f'/JPEGImages/{name}.jpg': row for name, row in entries.items()}
    (world / 'other.json').write_text(json.dumps(entries))
    with DefaultScope.overwrite_default_scope('mmseg'):
        model = MODELS.build(Config.fromfile(path).model)
    checkpoint = tmp_path / 'a.pth'
    save_checkpoint(dict(state_dict=model.state_dict(), meta={}), str(checkpoint))
    with pytest.raises(ValueError, match="parts=2, prefix='/' and .* 2 of 2 pictures"):
        call_tool('test', path, checkpoint)


def test_an_oracle_at_test_that_does_not_say_so(write, call_tool, tmp_path):
    path = write(kind='_oracle', more='model["data_preprocessor"] = dict(oracle=False)')
    with pytest.raises(ValueError, match=r'data_preprocessor\.oracle=True'):
        call_tool('train', path)
    assert not (tmp_path / 'work_dirs').exists()
