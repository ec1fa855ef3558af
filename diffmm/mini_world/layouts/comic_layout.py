"""The mini world as a comic, in the layout of Comic2k."""

from __future__ import annotations

from .clipart_layout import ClipartLayout


class ComicLayout(ClipartLayout):
    """Comic2k."""

    folder = 'comic'
    top_entries = ('comic', 'captions')
    default_style = 'comic'
