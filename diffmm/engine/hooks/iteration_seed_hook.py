"""Random numbers of a training step that depend on the step alone."""

from __future__ import annotations

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.registry import HOOKS


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seed torch before every training iteration from (seed, rank, iteration).

    A run that is killed and resumed then draws the same dropout masks, noise and
    timesteps as the uninterrupted one, without a stored generator state. Validation
    in between, and what other hooks draw there, no longer matter. Ranks draw
    differently, whatever ``diff_rank_seed`` says.

    Covered: all that draws from torch's default generators (CPU and every GPU) during
    the forward and backward pass of a training step, and in hooks of a priority below
    ``VERY_HIGH`` from ``before_train_iter`` on. NumPy's and Python's generators, the
    samplers (their own generators, MMEngine seeds them) and the data loader's worker
    processes (MMEngine seeds them when they start) are left alone.

    Not covered:

    * modules that draw from NumPy's or Python's generator;
    * transforms in the main process (``num_workers=0``) that draw from torch's
      generator: the next batch is loaded before its iteration begins. Those that use
      NumPy repeat with MMEngine's iteration-based loop, which replays the data up to
      the resumed iteration as long as validation draws nothing, and with no
      epoch-based one;
    * ``torch.utils.data.RandomSampler``, which takes its seed from torch's generator;
      use MMEngine's ``DefaultSampler`` or ``InfiniteSampler``;
    * a run without a fixed seed: give ``randomness=dict(seed=...)``, else the order of
      the data after a resume is another one;
    * kernels that are not deterministic by themselves.
    """

    # Before any hook that draws for the coming step.
    priority = 'VERY_HIGH'

    def before_train_iter(
        self, runner, batch_idx: int, data_batch: DATA_BATCH = None
    ) -> None:
        """Seed torch's generators for the coming iteration."""
        # SeedSequence mixes the entries, so neighbouring iterations, ranks and seeds
        # share nothing, and it leaves NumPy's global generator untouched.
        entropy = (runner.seed, runner.rank, runner.iter)
        (state,) = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
        torch.manual_seed(int(state))
