"""Captions as files: in TADP's form, and as pairs of picture and captions."""

from __future__ import annotations

import json

from ..drawing.rendered_scene import RenderedScene
from ..language.captions import write_captions
from .encoding import jpeg, json_bytes, lines
from .layout import Layout, SceneFiles


def caption_record(rendered: RenderedScene, key: str) -> dict:
    """Makes the record of a scene for `caption_file`.

    Args:
        rendered: The scene.
        key: Name of the picture in the caption file.
    """
    return dict(caption_key=key, captions=write_captions(rendered.scene))


def caption_file(records: dict[str, list[dict]]) -> bytes:
    """Joins the captions of all scenes.

    TADP's files map the name of a picture to ``{"captions": [...]}``. What a name is
    depends on the data set. Files of Pascal VOC also hold the dominant class as
    ``class_label``.

    Args:
        records: Records made with `caption_record`, perhaps with a ``class_label``.

    Returns:
        JSON.
    """
    entries = {}
    for record in (record for split in records.values() for record in split):
        entry = dict(captions=record['captions'])
        if 'class_label' in record:
            entry['class_label'] = record['class_label']
        entries[record['caption_key']] = entry
    return json_bytes(entries)


class ImageCaptionLayout(Layout):
    """Pictures and one JSON lines file of captions per split.

    For text-to-image training, so there are no masks or boxes. A line is
    ``{"file_name": ..., "captions": [...], "scene_type": ...}`` with the path below the
    root. Read by `ImageCaptionDataset`.
    """

    top_entries = ('images', 'train_captions.jsonl', 'val_captions.jsonl')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture."""
        name = f'images/{split}/{index:08d}.jpg'
        row = dict(
            file_name=name,
            captions=write_captions(rendered.scene),
            scene_type=rendered.scene.scene_type,
        )
        return SceneFiles({name: jpeg(self.picture(rendered))}, dict(row=row))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """One line per picture."""
        return {
            f'{split}_captions.jsonl': lines(
                [json.dumps(record['row']) for record in rows]
            )
            for split, rows in records.items()
        }
