import os
from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from torch import nn

from tests.engine.hooks.ema_case import (
    EMATestCase,
    Snapshots,
    average_of,
    get_hook,
    snapshot,
)
from tests.parity_generative import array


class TestTrainableEMAHook(EMATestCase):
    def test_average_and_checkpoint(self):
        runner, checkpoint = self.train(self.config())
        trained = get_hook(runner, Snapshots).trained
        for name in ('norm.weight', 'norm.bias', 'head.weight', 'alias.0.weight'):
            expected = average_of(trained, name)
            self.assertGreater((expected - trained[-1][name]).abs().max(), 1e-3)
            torch.testing.assert_close(checkpoint['state_dict'][name], expected)
            raw = checkpoint['ema_state_dict'][f'module.{name}']
            torch.testing.assert_close(raw, trained[-1][name], rtol=0, atol=0)
        # The frozen layer and the statistics are the model's own.
        self.assertEqual(len(checkpoint['ema_state_dict']), 5)
        for name in ('frozen.weight', 'norm.running_mean'):
            torch.testing.assert_close(
                checkpoint['state_dict'][name], trained[-1][name], rtol=0, atol=0
            )

    def test_memory_is_that_of_the_trainable_parameters(self):
        runner, _ = self.train(self.config())
        tensors = get_hook(runner).averages.values()
        held = {t.untyped_storage().data_ptr(): t.untyped_storage() for t in tensors}
        trainable = sum(
            param.numel() * param.element_size()
            for param in runner.model.parameters()
            if param.requires_grad
        )
        self.assertEqual(sum(storage.nbytes() for storage in held.values()), trainable)
        own = {
            value.untyped_storage().data_ptr()
            for value in runner.model.state_dict().values()
        }
        self.assertFalse(own & held.keys())

    def test_validation_and_test_use_the_averages(self):
        runner, _ = self.train(self.config())
        record = get_hook(runner, Snapshots)
        name = 'head.weight'
        expected = average_of(record.trained, name)
        torch.testing.assert_close(record.validated[-1][name], expected)
        raw = snapshot(runner.model)[name]
        torch.testing.assert_close(raw, record.trained[-1][name], rtol=0, atol=0)
        seen = []
        runner.register_hook(Hook())
        runner.hooks[-1].before_test_iter = lambda runner, **_: seen.append(
            snapshot(runner.model)[name]
        )
        runner.test()
        torch.testing.assert_close(seen[0], expected)
        torch.testing.assert_close(snapshot(runner.model)[name], raw, rtol=0, atol=0)

    def test_saving_during_validation(self):
        cfg = self.config()
        cfg.custom_hooks.append(dict(type='SaveInValidation', priority='VERY_LOW'))
        _, last = self.train(cfg)
        saved = torch.load(os.path.join(cfg.work_dir, 'in_val.pth'), weights_only=True)
        for part in ('state_dict', 'ema_state_dict'):
            self.assertEqual(saved[part].keys(), last[part].keys())
            for name, value in last[part].items():
                torch.testing.assert_close(saved[part][name], value, rtol=0, atol=0)

    def test_equals_mmengine_where_everything_is_trained(self):
        for options in ({}, dict(interval=2), dict(begin_iter=3)):
            checkpoints = []
            for kind in ('TrainableEMAHook', 'EMAHook'):
                cfg = self.config(kind, **options)
                cfg.model = dict(type='ToyModel')
                cfg.optim_wrapper.optimizer.lr = 0.001
                cfg.custom_hooks[1].type = kind
                checkpoints.append(self.train(cfg)[1])
            ours, theirs = checkpoints
            for part in ('state_dict', 'ema_state_dict'):
                for name, value in ours[part].items():
                    torch.testing.assert_close(theirs[part][name], value)

    def test_gradient_accumulation_counts_steps(self):
        cfg = self.config(iters=9)
        cfg.optim_wrapper.accumulative_counts = 3
        runner, checkpoint = self.train(cfg)
        trained = get_hook(runner, Snapshots).trained
        expected = average_of(trained[2::3], 'head.weight')
        torch.testing.assert_close(checkpoint['state_dict']['head.weight'], expected)
        self.assertEqual(get_hook(runner).steps, 3)

    def test_begin_and_interval(self):
        runner, _ = self.train(self.config(begin_iter=3, interval=2))
        trained = get_hook(runner, Snapshots).trained
        torch.testing.assert_close(
            get_hook(runner).averages['head.weight'],
            average_of(trained[2:], 'head.weight', interval=2),
        )

    def test_begin_epoch(self):
        runner, _ = self.train(self.config(epochs=3, begin_epoch=2))
        trained = get_hook(runner, Snapshots).trained
        self.assertEqual(len(trained), 12)
        torch.testing.assert_close(
            get_hook(runner).averages['head.weight'],
            average_of(trained[4:], 'head.weight'),
        )

    def test_buffers(self):
        runner, checkpoint = self.train(self.config(update_buffers=True))
        trained = get_hook(runner, Snapshots).trained
        torch.testing.assert_close(
            checkpoint['state_dict']['norm.running_var'],
            average_of(trained, 'norm.running_var'),
        )
        hook = get_hook(runner)
        self.assertNotIn('norm.num_batches_tracked', hook.averages)
        self.assertNotIn('mean', hook.averages)

    def test_distributed_wrapper_changes_no_name(self):
        _, plain = self.train(self.config('plain'))
        self.setup_dist_env()
        cfg = self.config('ddp')
        cfg.launcher = 'pytorch'
        cfg.env_cfg = dict(dist_cfg=dict(backend='gloo'))
        cfg.model_wrapper_cfg = dict(type='MMDistributedDataParallel')
        runner, wrapped = self.train(cfg)
        self.assertTrue(hasattr(runner.model, 'module'))
        for part in ('state_dict', 'ema_state_dict'):
            self.assertEqual(wrapped[part].keys(), plain[part].keys())
            for name, value in plain[part].items():
                torch.testing.assert_close(wrapped[part][name], value)

    def test_renamed_state_is_refused(self):
        runner, _ = self.train(self.config())
        state = snapshot(runner.model)
        del state['norm.weight']
        with pytest.raises(ValueError, match=r"lacks the averaged \['norm.weight'\]"):
            get_hook(runner).before_save_checkpoint(runner, dict(state_dict=state))

    def test_coarse_types_are_refused(self):
        cfg = self.config()
        cfg.custom_hooks[1].momentum = 2e-4
        runner = self.build_runner(cfg)
        runner.model.bfloat16()
        with pytest.raises(ValueError, match='norm.weight is torch.bfloat16'):
            get_hook(runner)._tracked(runner.model)

    def test_begin_after_the_end(self):
        with pytest.raises(ValueError, match='begin_iter=9 lies after the last iter 6'):
            self.build_runner(self.config(begin_iter=9)).train()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(momentum=0.0), 'got 0.0'),
        (dict(momentum=1.0), 'got 1.0'),
        (dict(begin_iter=-1), 'got -1 and 0'),
        (dict(begin_iter=1, begin_epoch=2), 'got 1 and 2'),
        (dict(interval=0), 'got 0'),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        HOOKS.build(dict(type='TrainableEMAHook', **options))


def test_warm_up_is_the_average_of_the_original_code():
    """Numbers of the released InstructPix2Pix, one update ahead of diffusers'."""
    weights = torch.from_numpy(array('ema.weights', 'ip2p'))
    momentum = 1 - float(array('ema.decay', 'ip2p'))
    model = nn.Module()
    model.weight = nn.Parameter(weights[0].clone())
    wrapper = SimpleNamespace(should_update=lambda: True)
    runner = SimpleNamespace(model=model, optim_wrapper=wrapper, iter=0)
    hook = HOOKS.build(dict(type='TrainableEMAHook', momentum=momentum, warm_up=True))
    for number, expected in enumerate(array('ema.released', 'ip2p'), start=1):
        hook.before_train_iter(runner, 0)
        model.weight.data.copy_(weights[number])
        hook.after_train_iter(runner, 0)
        average = hook.averages['weight']
        torch.testing.assert_close(average, torch.from_numpy(expected))
