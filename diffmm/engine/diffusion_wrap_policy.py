"""The parts of a perception model that FSDP shards as units."""

from __future__ import annotations

from diffusers.models.attention import FeedForward
from diffusers.models.resnet import ResnetBlock2D
from mmengine.registry import FUNCTIONS
from torch import nn

from diffmm.diffusion import FeatureUNet, ImageEncoder

# FSDP gathers a unit's parameters when the unit itself is called. `FeatureUNet` never
# calls its blocks and transformers, only their layers, so those cannot be units. These
# are called, and hold about four fifths of the parameters.
_UNITS = (FeatureUNet, ImageEncoder, ResnetBlock2D, FeedForward)


@FUNCTIONS.register_module()
def diffusion_wrap_policy(
    module: nn.Module, recurse: bool, nonwrapped_numel: int
) -> bool:
    """Says which modules MMEngine's ``MMFullyShardedDataParallel`` shards as units.

    It is an ``auto_wrap_policy``.

    Example:
        >>> strategy = dict(
        ...     type='FSDPStrategy',
        ...     model_wrapper=dict(auto_wrap_policy='diffusion_wrap_policy'))

    Args:
        module: A part of the model.
        recurse: True where FSDP asks if it shall look inside the module, False where it
            asks if the module is a unit.
        nonwrapped_numel: Number of its values that are in no unit yet; not used.

    Returns:
        The answer.
    """
    return recurse or isinstance(module, _UNITS)
