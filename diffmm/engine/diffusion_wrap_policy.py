"""Which parts of a perception model FSDP shards as units."""

from __future__ import annotations

from diffusers.models.attention import FeedForward
from diffusers.models.resnet import ResnetBlock2D
from mmengine.registry import FUNCTIONS
from torch import nn

from diffmm.diffusion import FeatureUNet, ImageEncoder

# FSDP gathers a unit's parameters when the unit itself is called. `FeatureUNet` calls
# the layers of its blocks and transformers one by one, never those modules, so they
# can be no units; what it does call holds about four fifths of the parameters.
_UNITS = (FeatureUNet, ImageEncoder, ResnetBlock2D, FeedForward)


@FUNCTIONS.register_module()
def diffusion_wrap_policy(
    module: nn.Module, recurse: bool, nonwrapped_numel: int
) -> bool:
    """``auto_wrap_policy`` of MMEngine's ``MMFullyShardedDataParallel``.

    Example:
        >>> strategy = dict(
        ...     type='FSDPStrategy',
        ...     model_wrapper=dict(auto_wrap_policy='diffusion_wrap_policy'))

    Args:
        module: A part of the model.
        recurse: Whether FSDP asks if it shall look inside.
        nonwrapped_numel: Parameters of it that are in no unit yet.

    Returns:
        Whether to look inside (always), or whether the module is a unit.
    """
    return recurse or isinstance(module, _UNITS)
