"""Vermouth's texts: any classes, in the order of the labels, none in a prompt."""

from __future__ import annotations

import json
import shutil

import cv2
import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, MODELS
from mmengine.runner import Runner
from mmengine.structures import BaseDataElement

from diffmm.diffusion import FeatureUNet, load_architecture
from diffmm.engine.hooks.class_order_hook import compare_names
from diffmm.mini_world import generate
from diffmm.models.backbones.trainable_part import set_trainable_part
from diffmm.structures import ConditionedImages
from diffmm.utils.class_names import read_class_file
from tests import tiny
from tests.configs.networks import make_batch, unused_parameters
from tests.configs.shipped import load, names

OPEN = 'vermouth_mini_text-fpn_1xb8-400_mini-coco-stuff-128x128'
TARGET = 'vermouth_mini_text-fpn_1xb8-400_mini-coco-stuff-to-ade150-128x128'
ADE = 'vermouth_mini_text-fpn_1xb8-400_mini-ade20k-128x128'
FEW = 'vermouth_mini_few-shot_1xb32-8e_mini-coop-128x128'
PROBE = 'vermouth_mini-expert_linear-probe_1xb32-8e_mini-coop-128x128'
FULL_OPEN = 'vermouth_sd15_text-fpn_2xb8-120k_coco-stuff-512x512'
FULL_FEW = 'vermouth_sd15_few-shot_1xb64-100e_dtd-256x256'
SPLIT = 'split_zhou_MiniWorld.json'
UNET_NORMS = 200_320


def without_files(cfg):
    """The same network with random weights and names that are given."""
    backbone = cfg.model.backbone
    backbone.pretrained = False if backbone.type == 'TimmBackbone' else None
    if backbone.get('expert'):
        backbone.expert.source.pretrained = False
    head = cfg.model.get('decode_head') or cfg.model.head
    if 'pretrained' in head:
        head.pretrained = None
    if head.get('class_file'):
        classes = [f'class {index}' for index in range(head.num_classes)]
        head.update(classes=classes, class_file=None)
    return cfg


def trained(module):
    return sum(each.numel() for each in module.parameters() if each.requires_grad)


@pytest.mark.parametrize('name', [ADE, f'{ADE}_fuse', f'{ADE}_baseline'])
def test_a_step_of_segmentation_reaches_every_parameter(name):
    cfg = without_files(load(name))
    model = MODELS.build(cfg.model).train()
    batch = model.data_preprocessor(make_batch(cfg, 128, 128), training=True)
    loss, _ = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    assert torch.isfinite(loss) and not unused_parameters(model)
    assert_only_norms_train(model)


@pytest.mark.parametrize('name', [FEW, PROBE])
def test_a_step_of_classification_reaches_every_parameter(name):
    model = MODELS.build(without_files(load(name)).model).train()
    images = ConditionedImages(tiny.image(128, 128, 2), ['a ball', 'a house'])
    samples = [BaseDataElement(metainfo=dict(gt_label=i)) for i in range(2)]
    sum(model(images, samples, mode='loss').values()).backward()
    assert not unused_parameters(model)
    if name == FEW:
        assert_only_norms_train(model)
    else:
        assert trained(model) == trained(model.head)


def assert_only_norms_train(model):
    """Of Stable Diffusion; an adapter of the expert trains, the expert does not."""
    for name, parameter in model.backbone.named_parameters():
        inner = name.startswith('unet.') and 'norm' in name
        assert not parameter.requires_grad or inner or '.adapters.' in name, name


def test_numbers_of_trained_parameters():
    """The paper says 0.2 million of the UNet and 5.9 million in all (Table 3).

    The norm of the UNet's output layer counts there, but features never reach it.
    """
    with torch.device('meta'):
        whole = FeatureUNet.build(load_architecture('sd15').unet, output_layer=True)
        set_trainable_part(whole, 'norm')
        classifier = MODELS.build(without_files(load(FULL_FEW)).model)
        segmentor = MODELS.build(without_files(load(FULL_OPEN)).model)
    output_norm = 2 * 320
    assert trained(whole) == UNET_NORMS
    assert trained(segmentor.backbone.unet) == UNET_NORMS - output_norm
    # Down and mid: what leads to maps of up alone gets no gradient.
    assert trained(classifier.backbone.unet) == 82_560
    parts = dict(
        adapters=trained(segmentor.backbone.expert),
        neck=trained(segmentor.neck),
        head=trained(segmentor.decode_head),
    )
    assert parts == dict(adapters=172_032, neck=1_696_256, head=4_329_728)
    assert trained(segmentor) == 6_397_696


TEXT_FPN = [name for name in names('vermouth') if '_text-fpn_' in name]


@pytest.mark.parametrize('name', TEXT_FPN)
def test_names_stand_in_the_order_of_the_labels(name):
    cfg = load(name)
    head = cfg.model.decode_head
    texts = head.get('classes') or metainfo(dict(type=head.dataset))
    assert head.num_classes == len(texts)
    compare_names(texts, metainfo(cfg.test_dataloader.dataset))
    if '-to-' not in name:
        compare_names(texts, metainfo(cfg.train_dataloader.dataset))


def metainfo(dataset):
    own = dataset.get('metainfo', {}).get('classes')
    return own or DATASETS.get(f'mmseg.{dataset["type"]}').METAINFO['classes']


def test_held_out_classes_are_in_no_training():
    cfg, target = load(OPEN), load(TARGET)
    held_out = {'ball', 'bottle', 'house'}
    assert not held_out & {*cfg.model.decode_head.classes, *cfg.seen_names}
    assert held_out < {*target.model.decode_head.classes}
    assert target.val_evaluator.trained == cfg.seen_names


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    """A few scenes in the layouts that train and are tested, and their captions."""
    root = tmp_path_factory.mktemp('texts')
    for layout in ('coco_stuff', 'ade20k', 'coop'):
        generate(root / layout, layout, num_train=3, num_val=2, size=64)
    for layout, parts in (('coco_stuff', 2), ('ade20k', 1), ('coop', 2)):
        pictures = (root / layout / 'images').rglob('*.jpg')
        captions = {
            '/'.join(path.parts[-parts:]): dict(captions=['a scene'])
            for path in pictures
        }
        (root / f'{layout}.json').write_text(json.dumps(captions))
    keep_shown_classes(root / 'coop' / SPLIT)
    return root


def keep_shown_classes(file):
    """Numbers the classes that the few scenes show."""
    split = json.loads(file.read_text())
    shown = sorted({name for *_, name in split['train']})
    for part, rows in split.items():
        kept = [row for row in rows if row[2] in shown]
        split[part] = [[path, shown.index(name), name] for path, _, name in kept]
    file.write_text(json.dumps(split))


def prepare(cfg, world, layout, root=None):
    """The same experiment on the few scenes, in this process."""
    for part in ('train', 'val', 'test'):
        loader = cfg[f'{part}_dataloader']
        loader.update(num_workers=0, persistent_workers=False, batch_size=2)
        loader.dataset.data_root = str(root or world / layout)
        for step in loader.dataset.pipeline:
            if step.type == 'LoadCaption':
                step.ann_file = str(world / f'{layout}.json')
            if step.type == 'Resize':
                step.scale = tuple(each // 2 for each in step.scale)
            if step.type == 'CenterCrop':
                step.crop_size = (64, 64)
    return cfg


def predict(cfg, model):
    """Predictions of the test data, with whatever annotations they have."""
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    batch = pseudo_collate([dataset[index] for index in range(2)])
    with torch.no_grad():
        return model.eval().test_step(batch)


def test_swapped_labels_change_no_segmentation(world, tmp_path):
    """No ground truth reaches a prompt: only the released variant reads it."""
    swapped = shutil.copytree(world / 'ade20k', tmp_path / 'swapped')
    for path in (swapped / 'annotations').rglob('*.png'):
        labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(path), labels.max() + 1 - labels)
    for name, same in ((ADE, True), (f'{ADE}_oracle', False)):
        model = MODELS.build(without_files(load(name)).model)
        before, after = (
            predict(prepare(load(name), world, 'ade20k', root), model)
            for root in (world / 'ade20k', swapped)
        )
        for one, other in zip(before, after, strict=True):
            assert not torch.equal(one.gt_sem_seg.data, other.gt_sem_seg.data)
            assert torch.equal(one.seg_logits.data, other.seg_logits.data) == same


def test_swapped_labels_change_no_classification(world, tmp_path):
    swapped = shutil.copytree(world / 'coop', tmp_path / 'swapped')
    file = swapped / SPLIT
    file.write_text(json.dumps(moved_on(json.loads(file.read_text()))))
    for name, same in ((FEW, True), (f'{FEW}_oracle', False)):
        model = MODELS.build(without_files(load(name)).model)
        before, after = (
            predict(oracle_file(prepare(load(name), world, 'coop', root)), model)
            for root in (world / 'coop', swapped)
        )
        for one, other in zip(before, after, strict=True):
            assert one.gt_label != other.gt_label
            assert torch.equal(one.logits, other.logits) == same


def oracle_file(cfg):
    for step in cfg.test_dataloader.dataset.pipeline:
        if step.type == 'OracleCaption':
            root = cfg.test_dataloader.dataset.data_root
            step.class_file = f'{root}/{SPLIT}'
    cfg.test_dataloader.dataset.num_classes = None
    return cfg


def moved_on(split):
    """Every picture has the label and the name of the next class."""
    found = {label: name for rows in split.values() for _, label, name in rows}
    count = len(found)
    return {
        part: [
            [path, (label + 1) % count, found[(label + 1) % count]]
            for path, label, _ in rows
        ]
        for part, rows in split.items()
    }


@pytest.mark.slow
def test_what_was_trained_is_tested_with_other_classes(world, tmp_path):
    cfg = prepare(load(OPEN), world, 'coco_stuff')
    cfg.model.backbone.expert.source.pretrained = False
    cfg.train_cfg.update(max_iters=2, val_interval=2)
    runner = start(cfg, tmp_path / 'trained')
    with tiny.quiet():
        runner.train()
    target = prepare(load(TARGET), world, 'ade20k')
    target.model.backbone.expert.source.pretrained = False
    target.load_from = str(tmp_path / 'trained' / 'iter_2.pth')
    # The checkpoint's text encoder is enough.
    target.model.decode_head.pretrained = target.model.backbone.pretrained = None
    tester = start(target, tmp_path / 'tested')
    with tiny.quiet():
        metrics = tester.test()
    assert {'mIoU', 'mIoU_seen'} <= metrics.keys()
    head, own = tester.model.decode_head, runner.model.decode_head
    assert head.num_classes == 16 and own.num_classes == 13
    ours, theirs = (each.texts.names for each in (head, own))
    common = [(ours.index(n), theirs.index(n)) for n in theirs if n in ours]
    rows, others = zip(*common, strict=True)
    torch.testing.assert_close(
        head.text_features[list(rows)], own.text_features[list(others)]
    )


def start(cfg, work_dir):
    cfg.update(work_dir=str(work_dir), launcher='none')
    cfg.experiment_name = cfg.visualizer.name = f'texts_{work_dir.name}'
    cfg.custom_hooks = [h for h in cfg.custom_hooks if h.type == 'ClassOrderHook']
    return Runner.from_cfg(cfg)


@pytest.mark.slow
def test_few_shots_train_and_a_wrong_order_is_refused(world, tmp_path):
    cfg = prepare(load(FEW), world, 'coop')
    file = world / 'coop' / SPLIT
    names = read_class_file(file)
    cfg.model.head.update(num_classes=len(names), class_file=str(file))
    cfg.model.backbone.expert.source.pretrained = False
    for part in ('train', 'val', 'test'):
        cfg[f'{part}_dataloader'].dataset.num_classes = len(names)
    cfg.train_dataloader.dataset.shots = 1
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    with tiny.quiet():
        runner = start(cfg, tmp_path / 'few')
        runner.train()
    assert len(runner.train_dataloader.dataset) == len(names)
    (log,) = (tmp_path / 'few').rglob('vis_data/scalars.json')
    assert 0 <= json.loads(log.read_text().splitlines()[-1])['accuracy/top1'] <= 100
    cfg.model.head.update(class_file=None, classes=[*names[1:], names[0]])
    with pytest.raises(ValueError, match='must stand in the order of the labels'):
        with tiny.quiet():
            start(cfg, tmp_path / 'wrong').train()
