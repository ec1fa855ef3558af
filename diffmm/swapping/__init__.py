"""Another backbone in a host's config, and a check that the numbers fit."""

from .config_keys import Change, SwapError
from .feature_contract import check_feature_contract
from .swap_backbone import swap_backbone

__all__ = ['Change', 'SwapError', 'check_feature_contract', 'swap_backbone']
