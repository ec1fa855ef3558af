"""The mini world as pairs of picture and captions."""

from __future__ import annotations

import json

from ..drawing.rendered_scene import RenderedScene
from .encoding import jpeg, lines
from .layout import Layout
from .scene_files import SceneFiles


class ImageCaptionLayout(Layout):
    """Pictures and one JSON lines file of captions a split, for text-to-image training.

    A line is ``{"file_name": ..., "captions": [...], "scene_type": ...}`` with the path
    below the root. There is nothing else: no mask, no box.
    """

    top_entries = ('images', 'train_captions.jsonl', 'val_captions.jsonl')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture."""
        name = f'images/{split}/{index:08d}.jpg'
        row = dict(
            file_name=name,
            captions=list(rendered.scene.captions),
            scene_type=rendered.scene.scene_type,
        )
        return SceneFiles({name: jpeg(self.picture(rendered))}, dict(row=row))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """One line a picture."""
        return {
            f'{split}_captions.jsonl': lines(
                [json.dumps(record['row']) for record in rows]
            )
            for split, rows in records.items()
        }
