"""The mini world in the layout of Sketchy."""

from __future__ import annotations

from .retrieval_layout import RetrievalLayout


class SketchyLayout(RetrievalLayout):
    """Sketchy with the first zero-shot split."""

    top_entries = ('256x256', 'zeroshot1')
    sketches = '256x256/sketch/tx_000000000000_ready'
    photos = '256x256/photo/tx_000000000000_ready'
    lists = 'zeroshot1'
    sketch_version = 'sketch_tx_000000000000_ready'
    photo_version = 'all_photo'
