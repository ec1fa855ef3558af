"""The mini world in the layout of TU-Berlin."""

from __future__ import annotations

from .retrieval_layout import RetrievalLayout


class TuBerlinLayout(RetrievalLayout):
    """TU-Berlin with its zero-shot split."""

    top_entries = ('png_ready', 'ImageResized_ready', 'zeroshot')
    sketches = 'png_ready'
    photos = 'ImageResized_ready'
    lists = 'zeroshot'
    sketch_version = 'png_ready'
    photo_version = 'ImageResized_ready'
