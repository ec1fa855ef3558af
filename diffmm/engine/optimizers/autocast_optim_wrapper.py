"""Mixed precision in bfloat16 on any device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS
from torch import nn


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(OptimWrapper):
    """Runs the training step's forward pass under bfloat16 autocast.

    MMEngine's ``AmpOptimWrapper`` refuses a CPU. bfloat16 has float32's range, so no
    loss scaling is needed anywhere, and this wrapper serves CPU and GPU alike.

    Args:
        enabled: False trains in the parameters' own precision.
        **kwargs: Of ``mmengine.optim.OptimWrapper``.
    """

    def __init__(self, enabled: bool = True, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.enabled = enabled

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """The context of a training step's forward pass.

        Args:
            model: The model; its first parameter's device is the one cast on.
        """
        device = next(model.parameters()).device.type
        autocast = torch.autocast(device, torch.bfloat16, enabled=self.enabled)
        with super().optim_context(model), autocast:
            yield
