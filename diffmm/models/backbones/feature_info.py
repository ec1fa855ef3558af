"""What a backbone promises about its feature maps, before any forward."""

from __future__ import annotations

from typing import NamedTuple


class FeatureInfo(NamedTuple):
    """One feature map of a backbone.

    Attributes:
        channels: Number of channels, attention maps included.
        stride: Image pixels per feature pixel.
        name: Where the map comes from, for messages.
    """

    channels: int
    stride: int
    name: str
