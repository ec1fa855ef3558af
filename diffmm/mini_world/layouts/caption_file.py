"""Captions of a data set in the form in which TADP publishes its own."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .encoding import json_bytes


def caption_record(rendered: RenderedScene, key: str) -> dict:
    """What the record of a scene holds for `caption_file`.

    Args:
        rendered: The scene.
        key: Name of the picture in the caption file.
    """
    return dict(caption_key=key, captions=list(rendered.scene.captions))


def caption_file(records: dict[str, list[dict]]) -> bytes:
    """Joins the captions of all scenes.

    TADP's files map the name of a picture to ``{"captions": [...]}``; what a name is
    depends on the data set. Files of Pascal VOC also hold a ``class_label``, the
    dominant class.

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
