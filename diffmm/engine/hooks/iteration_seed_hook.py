"""Random numbers that depend on the training step alone."""

from __future__ import annotations

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.registry import HOOKS


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seeds torch before every training iteration from (seed, rank, iteration).

    A run that is killed and resumed then draws the same dropout masks, noise and
    timesteps as an uninterrupted one, and no generator's state is stored. What
    validation and its hooks draw has no effect. Every rank draws differently, with any
    ``diff_rank_seed``.

    Covered: everything that draws from torch's default generators (CPU and every GPU)
    in the forward and backward pass of a training step, and in hooks of a priority
    below ``VERY_HIGH`` from ``before_train_iter`` on. NumPy's and Python's generators
    are left alone. So are samplers and the data loader's workers: MMEngine seeds them.

    Not covered:

    * modules that draw from NumPy's or Python's generator;
    * transforms in the main process (``num_workers=0``) that draw from torch's
      generator: the next batch is loaded before its iteration begins. Transforms that
      draw from NumPy's repeat in MMEngine's iteration-based loop if validation draws
      nothing from it (the loop replays the data up to the resumed iteration), and
      never in the epoch-based loop;
    * ``torch.utils.data.RandomSampler``, which takes its seed from torch's generator;
      use MMEngine's ``DefaultSampler`` or ``InfiniteSampler``;
    * a run without a fixed seed: without ``randomness=dict(seed=...)`` the order of
      the data changes after a resume;
    * kernels that are not deterministic by themselves.

    Example:
        >>> hook = HOOKS.build(dict(type='IterationSeedHook'))
    """

    # Before any hook that draws for the coming step.
    priority = 'VERY_HIGH'

    def before_train_iter(
        self, runner, batch_idx: int, data_batch: DATA_BATCH = None
    ) -> None:
        """Seeds torch's generators for the coming iteration."""
        # SeedSequence mixes the entries: neighboring iterations, ranks and seeds get
        # unrelated states. NumPy's global generator stays untouched.
        entropy = (runner.seed, runner.rank, runner.iter)
        (state,) = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
        torch.manual_seed(int(state))
