"""The mini world in watercolour, in the layout of Watercolor2k."""

from __future__ import annotations

from .clipart_layout import ClipartLayout


class WatercolorLayout(ClipartLayout):
    """Watercolor2k."""

    folder = 'watercolor'
    top_entries = ('watercolor', 'captions')
    default_style = 'watercolor'
