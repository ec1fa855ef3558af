"""Mixed precision in bfloat16 on any device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS
from torch import nn

from diffmm.utils.bfloat16 import say_if_slow


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(OptimWrapper):
    """Runs the training step's forward pass under bfloat16 autocast.

    MMEngine's ``AmpOptimWrapper`` refuses to run on a CPU. This wrapper runs on CPU and
    GPU. bfloat16 has the range of float32, so losses need no scaling. A CPU that has no
    instructions for it is slower; the log says so once.

    Example:
        >>> layer = torch.nn.Linear(4, 4)
        >>> wrapper = OPTIM_WRAPPERS.build(dict(
        ...     type='AutocastOptimWrapper',
        ...     optimizer=torch.optim.SGD(layer.parameters(), lr=0.1)))
        >>> with wrapper.optim_context(layer):
        ...     layer(torch.ones(1, 4)).dtype
        torch.bfloat16

    Args:
        enabled: False trains in the parameters' own precision.
        **kwargs: Of ``mmengine.optim.OptimWrapper``.
    """

    def __init__(self, enabled: bool = True, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.enabled = enabled

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Opens the context of a training step's forward pass.

        Args:
            model: The model; autocast is set for the device of its first parameter.
        """
        device = next(model.parameters()).device.type
        if self.enabled:
            say_if_slow(device)
        autocast = torch.autocast(device, torch.bfloat16, enabled=self.enabled)
        with super().optim_context(model), autocast:
            yield
