"""A feature map as configs see it."""

from __future__ import annotations

from typing import NamedTuple


class FeatureMap(NamedTuple):
    """Numbers of a feature map that necks and heads are configured with.

    Attributes:
        channels: Number of channels.
        stride: Image pixels per feature pixel.
    """

    channels: int
    stride: int
