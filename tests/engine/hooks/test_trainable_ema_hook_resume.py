import logging
import os

import torch

from tests.engine.hooks.ema_case import EMATestCase, Snapshots, average_of, get_hook


class TestTrainableEMAHookResume(EMATestCase):
    def test_resume_is_exact(self):
        _, whole = self.train(self.config('whole', iters=6, update_buffers=True))
        cfg = self.config('parts', iters=3, update_buffers=True)
        self.train(cfg)
        cfg = self.config('parts', iters=6, update_buffers=True)
        cfg.resume = True
        _, resumed = self.train(cfg)
        for part in ('state_dict', 'ema_state_dict'):
            self.assertEqual(resumed[part].keys(), whole[part].keys())
            for name, value in whole[part].items():
                torch.testing.assert_close(resumed[part][name], value, rtol=0, atol=0)

    def test_resume_from_mmengine(self):
        """The layout of the checkpoint is that of MMEngine's hook."""
        cfg = self.config('parts', iters=3)
        cfg.custom_hooks[1].type = 'EMAHook'
        _, theirs = self.train(cfg)
        cfg = self.config('parts', iters=4)
        cfg.resume = True
        runner, _ = self.train(cfg)
        (state,) = get_hook(runner, Snapshots).trained
        expected = average_of(
            [theirs['state_dict'], {'head.weight': state['head.weight']}],
            'head.weight',
        )
        hook = get_hook(runner)
        torch.testing.assert_close(hook.averages['head.weight'], expected)
        self.assertEqual(hook.steps, 4)

    def test_resume_without_averages(self):
        cfg = self.config('parts', iters=3)
        del cfg.custom_hooks[1]
        self.train(cfg)
        cfg = self.config('parts', iters=6)
        cfg.resume = True
        runner = self.build_runner(cfg)
        messages = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: messages.append(record.getMessage())
        runner.logger.addHandler(handler)
        runner.train()
        self.assertIn('the checkpoint has no ema_state_dict', '\n'.join(messages))
        trained = get_hook(runner, Snapshots).trained
        torch.testing.assert_close(
            get_hook(runner).averages['head.weight'], average_of(trained, 'head.weight')
        )

    def test_load_from_starts_with_the_averages(self):
        runner, first = self.train(self.config('first'))
        cfg = self.config('second')
        cfg.load_from = os.path.join(self.temp_dir.name, 'first', 'iter_6.pth')
        cfg.optim_wrapper.optimizer.lr = 0.0
        runner, second = self.train(cfg)
        name = 'head.weight'
        torch.testing.assert_close(
            second['state_dict'][name], first['state_dict'][name]
        )
        self.assertEqual(get_hook(runner).steps, 6)

    def test_newly_trained_parameters_start_from_their_values(self):
        cfg = self.config('parts', iters=3)
        _, first = self.train(cfg)
        cfg = self.config('parts', iters=3)
        runner = self.build_runner(cfg)
        runner.model.frozen.requires_grad_(True)
        runner._resume = True
        get_hook(runner).after_load_checkpoint(runner, first)
        averages = get_hook(runner).averages
        self.assertIn('frozen.weight', averages)
        torch.testing.assert_close(
            averages['frozen.weight'], first['state_dict']['frozen.weight']
        )

    def test_checkpoint_before_averaging_begins(self):
        cfg = self.config('parts', iters=3, begin_iter=3)
        cfg.default_hooks.checkpoint.interval = 1
        self.train(cfg)
        path = os.path.join(cfg.work_dir, 'iter_2.pth')
        self.assertEqual(
            torch.load(path, weights_only=True)['ema_state_dict'],
            {'steps': torch.tensor(0)},
        )
        cfg = self.config('parts', iters=4, begin_iter=3)
        cfg.resume, cfg.load_from = True, path
        runner, _ = self.train(cfg)
        trained = get_hook(runner, Snapshots).trained
        torch.testing.assert_close(
            get_hook(runner).averages['head.weight'], average_of(trained, 'head.weight')
        )
