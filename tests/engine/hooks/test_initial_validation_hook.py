import copy
import json
import os
from pathlib import Path

import pytest
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS

from tests.engine.hooks.registering_test_case import RegisteringTestCase


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

    def test_without_validation(self):
        cfg = self.config([])
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        del cfg.default_hooks.checkpoint.save_best
        with pytest.raises(ValueError, match='give val_dataloader'):
            self.build_runner(cfg).train()
