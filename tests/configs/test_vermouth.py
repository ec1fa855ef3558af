"""Vermouth's retrieval: networks, a training of the mini, retrieval with the result."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
import torch
from mmengine.registry import MODELS
from mmengine.runner import Runner
from mmengine.structures import BaseDataElement
from PIL import Image

from diffmm.diffusion import FeatureUNet
from diffmm.mini_world import generate
from diffmm.structures import ConditionedImages
from tests import tiny
from tests.configs.networks import unused_parameters
from tests.configs.shipped import ROOT, load, names

MINI = 'vermouth_mini_retrieval_1xb32-4e_mini-sketchy2-128x128'
FULL = 'vermouth_sd15_retrieval_1xb64-1e_sketchy2-256x256'
EXPERT = 'mini-expert_1xb32-8e_mini-sketchy2-64x64'
NAMES = ['ab', 'cd', 'ef', 'gh', 'ij', 'kl', 'mn', 'op', 'qr']
# A network of each kind.
NETWORKS = [
    MINI,
    f'{MINI}_fuse',
    f'{MINI}_baseline',
    'vermouth_mini-expert_retrieval_1xb32-4e_mini-sketchy2-128x128',
]


def without_files(cfg):
    """The same network with random weights and names that are given."""
    cfg.model.head.update(num_classes=9, classes=NAMES, class_file=None)
    cfg.model.head.pretrained = None
    backbone = cfg.model.backbone
    backbone.pretrained = False if backbone.type == 'TimmBackbone' else None
    if backbone.get('expert'):
        backbone.expert.source.pretrained = False
    return cfg


@pytest.mark.parametrize('name', NETWORKS)
def test_a_step_reaches_every_parameter_that_trains(name):
    cfg = without_files(load(name))
    model = MODELS.build(cfg.model).train()
    images = ConditionedImages(tiny.image(64, 64, 2), ['a ball', 'a house'])
    samples = [BaseDataElement(metainfo=dict(gt_label=i)) for i in range(2)]
    model(images, samples, mode='loss')['loss_text'].backward()
    assert not unused_parameters(model)
    trained = {n.split('.')[0] for n, p in model.named_parameters() if p.requires_grad}
    assert trained <= {'backbone', 'neck', 'head'} and 'head' in trained
    inner = [n for n, p in model.backbone.named_parameters() if p.requires_grad]
    assert all(each.startswith('expert.adapters.') for each in inner)
    (first, _) = model.eval()(images, samples, mode='predict')
    assert first.vector.norm().item() == pytest.approx(1, abs=1e-5)
    # A checkpoint is complete.
    other = MODELS.build(cfg.model).eval()
    other.load_state_dict(model.state_dict())
    again = other(images, samples, mode='tensor')
    torch.testing.assert_close(again, model(images, samples, mode='tensor'))


def test_the_full_size_has_the_released_widths():
    cfg = without_files(load(FULL))
    with torch.device('meta'):
        model = MODELS.build(cfg.model)
    channels = [info.channels for info in model.backbone.feature_info]
    # Conv inputs of the released code: 2816, 2560, 2304 and 1728.
    assert channels == [1728, 2048, 2048, 2048]
    assert not any(p.requires_grad for p in model.backbone.unet.parameters())
    assert model.head.pool.out.out_features == 768


@pytest.mark.parametrize('name', [n for n in names('vermouth') if '_retrieval_' in n])
def test_configs_agree_on_classes_and_lists(name):
    cfg = load(name)
    train, test = cfg.train_dataloader.dataset, cfg.val_dataloader.dataset
    assert cfg.model.head.num_classes == train.num_classes
    assert cfg.model.head.class_file == f'{train.data_root}/{train.class_file}'
    assert list(train.ann_file) == list(test.ann_file) == ['query', 'gallery']
    assert all('_filelist_train' in each for each in train.ann_file.values())
    last = 'val' if 'quickdraw' in name else 'zero'
    assert all(f'_filelist_{last}' in each for each in test.ann_file.values())


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """The expert and then the mini, one epoch each, on a few scenes."""
    work = tmp_path_factory.mktemp('vermouth')
    root = work / 'world'
    generate(root, 'sketchy2', num_train=8, num_val=8, size=64)
    captions = {
        f'{path.parent.name}/{path.name}': dict(captions=[f'a {path.parent.name}'])
        for path in root.rglob('*_*.[jp][pn]g')
    }
    (work / 'captions.json').write_text(json.dumps(captions))
    expert = prepare(load(EXPERT), root, work / 'expert')
    with tiny.quiet():
        Runner.from_cfg(expert).train()
    cfg = prepare(load(MINI), root, work / 'mini')
    file = str(root / 'zeroshot2' / 'cname_cid.txt')
    cfg.model.head.class_file = file
    cfg.model.backbone.expert.source.pretrained = str(work / 'expert' / 'epoch_1.pth')
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.pipeline[1].scale = (64, 64)
        loader.dataset.pipeline[2].ann_file = str(work / 'captions.json')
    cfg.test_dataloader = cfg.val_dataloader
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    cfg.dump(work / 'config.py')
    return runner, work, root


def prepare(cfg, root, work_dir):
    """The same experiment on a few scenes, in this process."""
    cfg.work_dir, cfg.launcher = str(work_dir), 'none'
    cfg.experiment_name = cfg.visualizer.name = f'vermouth_{work_dir.name}'
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    for name in ('train_dataloader', 'val_dataloader'):
        if cfg.get(name):
            cfg[name].update(num_workers=0, persistent_workers=False, batch_size=16)
            cfg[name].dataset.data_root = str(root)
    return cfg


@pytest.mark.slow
def test_a_training_ends_with_the_metrics_of_unseen_classes(trained):
    runner, work, _ = trained
    names = runner.train_dataloader.dataset.metainfo['classes']
    unseen = runner.val_dataloader.dataset.metainfo['classes']
    assert not set(names) & set(unseen) and set(unseen) == {'ball', 'bottle', 'house'}
    (log,) = (work / 'mini').rglob('vis_data/scalars.json')
    figures = json.loads(log.read_text().splitlines()[-1])
    for key in ('mAP@all', 'mAP@200', 'mAP@all_standard', 'P@100'):
        assert 0 < figures[f'retrieval/{key}'] <= 100


@pytest.mark.slow
def test_photos_are_ranked_for_a_sketch(trained, tmp_path, capsys, monkeypatch):
    _, work, root = trained
    photos = root / '256x256' / 'photo' / 'tx_000000000000_ready'
    sketch = next((root / '256x256' / 'sketch').rglob('*.png'))
    checkpoint = work / 'mini' / 'epoch_1.pth'
    path = ROOT / 'demo' / 'retrieval_demo.py'
    spec = importlib.util.spec_from_file_location('retrieval_demo', path)
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    monkeypatch.setattr(
        demo, 'Captioner', lambda *_: lambda pictures: ['a thing'] * len(pictures)
    )
    folder = tmp_path / 'photos'
    folder.mkdir()
    for index, photo in enumerate(sorted(photos.rglob('*.jpg'))[:5]):
        (folder / f'{index}.jpg').write_bytes(photo.read_bytes())
    out = tmp_path / 'found.png'
    argv = [sketch, work / 'config.py', checkpoint, '--gallery', folder]
    demo.main([*map(str, argv), '--top', '3', '--out-file', str(out)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == str(sketch) and len(lines) == 5
    cosines = [float(line.split()[0]) for line in lines[1:4]]
    assert cosines == sorted(cosines, reverse=True)
    assert np.asarray(Image.open(out)).shape[1] == 4 * 160
    argv[0] = sketch.parent
    (folder / '2.jpg').write_bytes(b'\xff\xd8 not a picture')
    with pytest.raises(ValueError, match=r'2\.jpg'):
        demo.main(list(map(str, argv)))
    with pytest.raises(FileNotFoundError, match='holds no picture'):
        argv[-1] = tmp_path / 'nothing'
        argv[-1].mkdir()
        demo.main(list(map(str, argv)))


def test_stages_keep_only_what_they_need():
    cfg = without_files(load(f'{MINI}_fuse'))
    cfg.model.backbone.update(layers='down', noise=None)
    model = MODELS.build(cfg.model)
    whole = FeatureUNet.build(model.backbone.architecture.unet)
    assert tiny.count_parameters(model.backbone.unet) < 0.5 * tiny.count_parameters(
        whole
    )
