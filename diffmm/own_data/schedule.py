"""The schedule of a shipped config, for another number of pictures."""

from __future__ import annotations

from dataclasses import dataclass

from mmengine.config import Config, ConfigDict

# VPD's 80,000 steps of 16 pictures see each of ADE20K's 20,210 about 60 times.
PASSES = 60
# Fewest and most steps of the optimizer.
STEPS = dict(mini=(200, 600), sd15=(2000, 80000))
VALIDATIONS = 5


@dataclass(frozen=True)
class Length:
    """The length of a training.

    Attributes:
        iterations: Batches of every GPU.
        epochs: Passes over the pictures, where the schedule counts them.
        checkpoint: Name of the last checkpoint.
    """

    iterations: int
    epochs: int | None

    @property
    def checkpoint(self) -> str:
        """Name of the last checkpoint's file."""
        if self.epochs is not None:
            return f'epoch_{self.epochs}.pth'
        return f'iter_{self.iterations}.pth'


def fit_schedule(cfg: Config, prior: str, pictures: int, gpus: int = 1) -> Length:
    """Changes the length of a training, and everything that is counted in it.

    Each picture is seen ``PASSES`` times, within the ``STEPS`` of the prior. The
    learning rate stays that of the shipped config and follows the global batch
    (``auto_scale_lr``).

    Args:
        cfg: The config, changed in place.
        prior: A key of ``STEPS``.
        pictures: Number of pictures for training.
        gpus: Number of processes.

    Returns:
        The new length.
    """
    loader = cfg.train_dataloader
    loader.batch_size = max(1, min(loader.batch_size, pictures // gpus))
    batch = loader.batch_size * gpus
    counts = cfg.optim_wrapper.get('accumulative_counts', 1)
    fewest, most = (limit * counts for limit in STEPS[prior])
    iterations = min(max(round(PASSES * pictures / batch), fewest), most)
    cfg.auto_scale_lr.enable = True
    by_epoch = 'max_epochs' in cfg.train_cfg
    old = cfg.train_cfg['max_epochs' if by_epoch else 'max_iters']
    if by_epoch:
        epoch = max(1, pictures // batch)
        length = -(-iterations // epoch)
        iterations = length * epoch
        cfg.train_cfg.max_epochs = length
    else:
        length = cfg.train_cfg.max_iters = iterations
    for law in cfg.get('param_scheduler') or []:
        _fit_law(law, length / old, by_epoch, iterations)
    interval = max(1, length // VALIDATIONS)
    cfg.train_cfg.val_interval = interval
    cfg.default_hooks.checkpoint.interval = interval
    logger = cfg.default_hooks.logger
    logger.interval = max(1, min(logger.interval, iterations // 10))
    return Length(iterations, length if by_epoch else None)


def _fit_law(law: ConfigDict, ratio: float, by_epoch: bool, iterations: int) -> None:
    """Stretches a law of the learning rate; a warm-up in iterations is only cut."""
    if by_epoch and not law.get('by_epoch', True):
        law.end = max(1, min(law.end, iterations // 10))
        return
    for key in ('begin', 'end', 'T_max'):
        if law.get(key):
            law[key] = max(1, round(law[key] * ratio))
    if 'milestones' in law:
        law.milestones = [max(1, round(each * ratio)) for each in law.milestones]
    if law.type == 'ExponentialLR':
        law.gamma = law.gamma ** (1 / ratio)
