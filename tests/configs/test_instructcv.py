"""InstructCV's configs: what their parts have to agree on, and a training in small."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import DATASETS, TASK_UTILS
from mmengine.runner import Runner

from diffmm.apis import GeneralistPredictor
from diffmm.mini_world import generate
from diffmm.utils.instructions import INSTRUCTIONS
from tests import tiny
from tests.configs.shipped import load, names

FULL = 'instructcv_sd15_generalist_8xb128-20e_nyu-ade20k-coco'
MINI = 'instructcv_mini_generalist_1xb16-600_mini-nyu-ade20k-coco'
PETS = f'{MINI}-coop-voc'
SIDE = 64
CONFIGS = names('addp', 'instructcv')


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp('data')
    for layout in ('nyu', 'ade20k', 'coco', 'coop', 'voc'):
        # A split file names the classes of its pictures alone: it needs them all.
        count = 40 if layout == 'coop' else 4
        generate(root / f'mini_{layout}', layout, num_train=count, num_val=1, size=SIDE)
    return root


def parts(loader: dict) -> list[dict]:
    return (
        [loader.dataset]
        if 'datasets' not in loader.dataset
        else loader.dataset.datasets
    )


def shrink(cfg: Config, data: Path, work_dir: Path) -> Config:
    """The same experiment with a tiny network on pictures of 64 pixels."""
    cfg.work_dir, cfg.launcher = str(work_dir), 'none'
    cfg.experiment_name = cfg.visualizer.name = work_dir.name
    cfg.model.update(arch=tiny.ARCHITECTURE, pretrained=None)
    cfg.model.sampler.steps = 1
    cfg.optim_wrapper.enabled = False
    cfg.train_cfg.update(max_iters=2, val_interval=2)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False)
        for part in parts(loader):
            part.data_root = str(data / Path(part.data_root).name)
            part.indices = [0] if part.get('test_mode') else None
            for step in part.pipeline:
                if step.type.endswith('Resize'):
                    step.scale = (SIDE, SIDE)
    cfg.train_dataloader.batch_size = 8
    cfg.train_dataloader.sampler.batch_size = 8
    return cfg


@pytest.mark.parametrize('name', CONFIGS)
def test_data_sets_tasks_and_metrics_belong_together(name):
    cfg = load(name)
    trained, tested = (
        [
            (step.get('name') or step.task, step.get('dataset'), step.get('classes'))
            for part in parts(loader)
            for step in part.pipeline
            if step.type == kind
        ]
        for loader, kind in (
            (cfg.train_dataloader, 'DrawQuery'),
            (cfg.test_dataloader, 'NameTask'),
        )
    )
    assert trained == tested
    for evaluator in (cfg.val_evaluator, cfg.test_evaluator):
        order = [task for task, *_ in trained]
        assert order == list(evaluator.get('tasks', evaluator.metrics))
        assert sorted(order) == sorted(evaluator.metrics)
        assert 'tasks' in evaluator or len(order) == 1
    tasks = TASK_UTILS.build(dict(type='QueryCodec', tasks=cfg.model.tasks)).tasks
    assert list(tasks) == [task for task, *_ in trained]
    for (task, _, classes), queries in zip(trained, tasks.values(), strict=True):
        assert task == queries.name
        assert classes is None or tuple(classes) == queries.classes
    for part in parts(cfg.train_dataloader):
        metainfo = part.get('metainfo', {}).get('classes')
        step = next(step for step in part.pipeline if step.type == 'DrawQuery')
        assert metainfo is None or tuple(metainfo) == tuple(step.classes)


@pytest.mark.parametrize('name', [n for n in CONFIGS if 'generalist' in n])
def test_data_sets_can_be_joined_in_every_run(name):
    """mmdetection compares keys in a random order, and needs them of the first one."""
    cfg = load(name)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        first, *others = (
            set(DATASETS.build(dict(part, lazy_init=True)).metainfo)
            for part in parts(loader)
        )
        assert set.union(*others) - first <= set(loader.dataset.ignore_keys)


def test_instructions_fit_into_the_minis_tokens():
    from diffmm.diffusion import load_tokenizer

    cfg = load(PETS)
    longest = max(
        len(
            load_tokenizer()(
                sentence.format(name='potted plant', yes='yellow', no='white')
            )['input_ids']
        )
        for sentences in INSTRUCTIONS.values()
        for sentence in sentences
    )
    assert longest <= cfg.model.prompt.num_tokens


def test_the_released_protocol_differs_in_the_test_alone():
    standard, released = load(FULL), load(f'{FULL}_released-protocol')
    for key in ('train_dataloader', 'optim_wrapper', 'train_cfg', 'custom_hooks'):
        assert standard[key] == released[key]
    asked = [
        step.get('present', False)
        for part in parts(released.test_dataloader)
        for step in part.pipeline
        if step.type == 'NameTask'
    ]
    assert asked == [False, True, True]
    kinds = [metric.type for metric in released.test_evaluator.metrics.values()]
    assert all(kind.startswith('InstructCV') for kind in kinds)


@pytest.fixture(scope='module')
def trained(data, tmp_path_factory):
    """A training of the largest mini, with ADDP's parts."""
    cfg = shrink(load(PETS), data, tmp_path_factory.mktemp('generalist'))
    # ADDP's parts belong to the three tasks of Table 4.
    hooks = load(f'{MINI}_addp').addp_hooks
    extra = dict(
        classification=[dict(type='BlurTarget')], pets=[dict(type='JitterBoxes')]
    )
    hooks[1].transforms.update(extra)
    cfg.custom_hooks = [*cfg.custom_hooks, *hooks]
    with tiny.quiet():
        runner = Runner.from_cfg(cfg)
        runner.train()
    cfg.dump(Path(cfg.work_dir) / 'config.py')
    return runner, Path(cfg.work_dir)


@pytest.mark.slow
def test_five_tasks_train_and_are_measured_by_their_hosts_metrics(trained):
    runner, _ = trained
    log = runner.message_hub.log_scalars
    expected = {
        'val/depth/rmse',
        'val/segmentation/mIoU',
        'val/detection/coco/bbox_mAP_50',
        'val/classification/accuracy/top1',
        'val/pets/pascal_voc/mAP',
    }
    assert expected <= set(log)
    assert all(np.isfinite(log[key].current()) for key in ('val/depth/rmse',))


@pytest.mark.slow
def test_a_batch_has_all_tasks(trained):
    runner, _ = trained
    batch = next(iter(runner.train_dataloader))
    tasks = [sample.metainfo['task'] for sample in batch['data_samples']]
    assert tasks == [
        *('depth', 'depth', 'segmentation', 'segmentation'),
        *('detection', 'detection', 'classification', 'pets'),
    ]


@pytest.mark.slow
def test_the_released_protocol_measures_the_same_model(trained, data, tmp_path):
    _, folder = trained
    cfg = shrink(load(f'{MINI}_released-protocol'), data, tmp_path)
    cfg.load_from = str(folder / 'iter_2.pth')
    runner = Runner.from_cfg(cfg)
    metrics = runner.test()
    assert {
        'depth/instructcv_quirks/rmse',
        'segmentation/instructcv_quirks/mIoU',
        'detection/instructcv_quirks/AP50',
    } <= set(metrics)


@pytest.mark.slow
def test_predictions_of_a_picture(trained, tmp_path):
    _, folder = trained
    picture = tmp_path / 'photo.jpg'
    pixels = np.random.default_rng(0).integers(0, 256, (100, 140, 3), dtype=np.uint8)
    cv2.imwrite(str(picture), pixels)
    predictor = GeneralistPredictor(folder / 'config.py', folder / 'iter_2.pth')
    assert predictor.tasks == (
        'depth',
        'segmentation',
        'detection',
        'classification',
        'pets',
    )
    for task, instruction in (
        ('depth', 'estimate the depth'),
        ('segmentation', 'segment the sky'),
        ('detection', 'detect the car'),
        ('classification', 'show red if you see the car, otherwise blue'),
    ):
        answer = predictor.ask(picture, instruction, task)
        assert answer.drawing.shape == (100, 140, 3) and answer.describe()
    assert predictor.perceive(picture, 'segmentation').pred_sem_seg.shape == (100, 140)
