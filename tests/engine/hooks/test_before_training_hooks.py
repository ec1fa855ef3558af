from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import MMDistributedDataParallel
from mmengine.registry import HOOKS, METRICS
from mmengine.runner import Runner
from torch.utils.data import DataLoader

import diffmm  # noqa: F401
from diffmm.diffusion import WeightsError
from diffmm.swapping import SwapError
from tests.engine.hooks.registering_test_case import RegisteringTestCase


class OneImage:
    """A data set of one item, which is never read."""

    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise AssertionError('the first iteration began')


def build_runner(folder, in_channels):
    """A runner of a host's model, whose weights are not there to be read."""
    backbone = dict(
        type='StableDiffusionBackbone',
        arch='mini',
        pretrained='weights/that/are/not/here',
        prompt=dict(type='NullPrompt'),
    )
    head = dict(type='FCNHead', in_channels=in_channels, channels=8, num_classes=3)
    return Runner(
        model=dict(type='EncoderDecoder', backbone=backbone, decode_head=head),
        work_dir=str(folder),
        train_dataloader=DataLoader(OneImage()),
        train_cfg=dict(type='IterBasedTrainLoop', max_iters=1),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        custom_hooks=[dict(type='FeatureContractHook')],
        default_scope='mmseg',
        experiment_name=f'{folder.name}_{in_channels}',
    )


def test_wrong_channels_stop_before_the_weights_are_read(tmp_path):
    message = r'model\.decode_head\.in_channels has 320, but should be 128'
    with pytest.raises(SwapError, match=message):
        build_runner(tmp_path, 320).train()


def test_a_model_that_fits_goes_on(tmp_path):
    """To the next thing that is wrong here: the weights."""
    with pytest.raises(WeightsError, match='weights/that/are/not/here'):
        build_runner(tmp_path, 128).train()


def test_looks_into_a_wrapped_model(monkeypatch):
    seen = []
    monkeypatch.setattr(
        'diffmm.engine.hooks.before_training_hooks.check_feature_contract', seen.append
    )
    wrapped = MMDistributedDataParallel.__new__(MMDistributedDataParallel)
    wrapped.__dict__['module'] = 'the model'
    HOOKS.build(dict(type='FeatureContractHook')).before_run(
        SimpleNamespace(model=wrapped)
    )
    assert seen == ['the model']


class Scripted(BaseMetric):
    """Returns prepared scores, one per validation."""

    scores = ()

    def __init__(self):
        super().__init__()
        self.remaining = list(self.scores)

    def process(self, data_batch, data_samples):
        self.results.append(len(data_samples))

    def compute_metrics(self, results):
        assert sum(results) == 12
        return dict(score=self.remaining.pop(0))


class TestInitialValidationHook(RegisteringTestCase):
    modules = ((METRICS, Scripted),)

    def config(self, scores, by_epoch=False):
        Scripted.scores = scores
        cfg = copy.deepcopy(self.epoch_based_cfg if by_epoch else self.iter_based_cfg)
        cfg.work_dir = self.temp_dir.name
        cfg.val_evaluator = [dict(type='Scripted')]
        cfg.custom_hooks = [dict(type='InitialValidationHook')]
        if not by_epoch:
            cfg.train_cfg = dict(by_epoch=False, max_iters=6, val_interval=3)
            cfg.default_hooks.logger.log_metric_by_epoch = False
        cfg.default_hooks.checkpoint = dict(
            type='CheckpointHook',
            interval=1 if by_epoch else 3,
            by_epoch=by_epoch,
            save_best='score',
            rule='greater',
        )
        return cfg

    def logged(self):
        """``(step, score)`` of all runs, which log to one folder per second."""
        paths = Path(self.temp_dir.name).glob('*/vis_data/scalars.json')
        lines = ''.join(path.read_text() for path in paths).splitlines()
        scalars = [json.loads(line) for line in lines]
        return sorted((s['step'], s['score']) for s in scalars if 'score' in s)

    def files(self):
        return {name for name in os.listdir(self.temp_dir.name) if '.pth' in name}

    def test_metric_at_step_zero(self):
        self.build_runner(self.config([0.1, 0.5, 0.4])).train()
        self.assertEqual(self.logged(), [(0, 0.1), (3, 0.5), (6, 0.4)])
        self.assertEqual(
            self.files(), {'iter_3.pth', 'iter_6.pth', 'best_score_iter_3.pth'}
        )

    def test_metric_at_epoch_zero(self):
        self.build_runner(self.config([0.1, 0.2, 0.3], by_epoch=True)).train()
        self.assertEqual(self.logged(), [(0, 0.1), (1, 0.2), (2, 0.3)])
        self.assertIn('best_score_epoch_2.pth', self.files())

    def test_best_may_be_the_untrained_model(self):
        runner = self.build_runner(self.config([0.9, 0.5, 0.4]))
        runner.train()
        self.assertIn('best_score_iter_0.pth', self.files())
        self.assertEqual(runner.message_hub.get_info('best_score'), 0.9)

    def test_skipped_on_resume(self):
        cfg = self.config([0.1, 0.5])
        cfg.train_cfg.max_iters = 3
        self.build_runner(cfg).train()
        cfg = self.config([0.7])
        cfg.resume = True
        runner = self.build_runner(cfg)
        runner.train()
        self.assertEqual(self.logged(), [(0, 0.1), (3, 0.5), (6, 0.7)])
        self.assertEqual(runner.message_hub.get_info('best_score'), 0.7)
        self.assertNotIn('best_score_iter_3.pth', self.files())

    def test_resume_that_finds_no_checkpoint_validates(self):
        cfg = self.config([0.1, 0.5, 0.4])
        cfg.resume = True
        self.build_runner(cfg).train()
        self.assertEqual(self.logged()[0], (0, 0.1))

    def test_training_mode_and_stage_are_restored(self):
        cfg = self.config([0.1, 0.5, 0.4])
        runner = self.build_runner(cfg)
        stages = []
        forward = runner.model.train_step

        def train_step(*args, **kwargs):
            stages.append(
                (runner.model.training, runner.message_hub.get_info('loop_stage'))
            )
            return forward(*args, **kwargs)

        runner.model.train_step = train_step
        runner.train()
        self.assertEqual(set(stages), {(True, 'train')})

    def test_an_average_validates_the_weights_that_were_read(self):
        """MMEngine's hook copies the model before ``load_from`` is read."""
        weights = Path(self.temp_dir.name) / 'pretrained.pth'
        model = self.build_runner(self.config([])).model
        pretrained = {k: torch.full_like(v, 3) for k, v in model.state_dict().items()}
        torch.save(dict(state_dict=pretrained), weights)
        for average in (
            dict(type='EMAHook'),
            dict(type='EMAHook', ema_type='MomentumAnnealingEMA', gamma=5),
            dict(type='TrainableEMAHook'),
        ):
            cfg = self.config([0.1, 0.5, 0.4])
            cfg.load_from = str(weights)
            cfg.custom_hooks += [average]
            runner = self.build_runner(cfg)
            validated = []
            run = runner.val_loop.run_iter

            def run_iter(*args, runner=runner, run=run, validated=validated):
                validated.append(next(runner.model.parameters()).detach().clone())
                return run(*args)

            runner.val_loop.run_iter = run_iter
            runner.train()
            self.assertTrue((validated[0] == 3).all(), average)

    def test_without_validation(self):
        cfg = self.config([])
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        del cfg.default_hooks.checkpoint.save_best
        with pytest.raises(ValueError, match='give val_dataloader'):
            self.build_runner(cfg).train()
