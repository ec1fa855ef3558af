"""A data set class that reads a layout, and the pipelines that the readers share.

The configs are plain dicts; only building one needs its host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOAD = dict(type='LoadImageFromFile')
PICTURE_PIPELINE = [LOAD]
SEG_PIPELINE = [
    LOAD,
    dict(type='mmseg.LoadAnnotations'),
    dict(type='mmseg.PackSegInputs'),
]
# Masks of Pascal VOC have a palette, of which OpenCV would return the colors.
VOC_PIPELINE = [
    LOAD,
    dict(type='mmseg.LoadAnnotations', imdecode_backend='pillow'),
    dict(type='mmseg.PackSegInputs'),
]
WIDE_PIPELINE = [
    LOAD,
    dict(type='LoadWideLabels'),
    dict(type='mmseg.PackSegInputs'),
]
BOX_PIPELINE = [
    LOAD,
    dict(type='mmdet.LoadAnnotations', with_bbox=True),
    dict(type='mmdet.PackDetInputs'),
]
MASK_PIPELINE = [
    LOAD,
    dict(type='mmdet.LoadAnnotations', with_bbox=True, with_mask=True),
    dict(type='mmdet.PackDetInputs'),
]
REFER_PIPELINE = [
    LOAD,
    dict(
        type='mmdet.LoadAnnotations', with_bbox=False, with_mask=True, with_label=False
    ),
    dict(type='mmdet.PackDetInputs', meta_keys=('img_path', 'text')),
]
POSE_PIPELINE = [
    dict(type='mmpose.LoadImage'),
    dict(type='mmpose.GetBBoxCenterScale', padding=1.0),
    dict(type='mmpose.PackPoseInputs'),
]
NYU_PIPELINE = [
    LOAD,
    dict(type='mmseg.LoadDepthAnnotation', depth_rescale_factor=1e-3),
    dict(type='mmseg.PackSegInputs', meta_keys=('img_path', 'category_id')),
]


def depth_pipeline(**load: object) -> list[dict]:
    """Pipeline that reads depth with a transform, given by its config."""
    return [LOAD, load, dict(type='mmseg.PackSegInputs', meta_keys=('img_path',))]


@dataclass(frozen=True)
class Part:
    """A part of a data set.

    Attributes:
        config: Entries of the data set's config that belong to this part.
        real: Number of samples in the real data set; None if copies of it differ, or if
            there is none.
        classes: Number of classes in the real data set; None if the data set class
            has them.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    real: int | None = None
    classes: int | None = None


@dataclass(frozen=True)
class Reader:
    """A data set class that reads a layout.

    Attributes:
        config: Entries of its config that all parts share, without ``data_root``.
        parts: The parts, by name. ``'train'`` and ``'val'`` are the splits of the mini
            world.
        per_scene: True if a scene of the mini world is one sample.
    """

    config: Mapping[str, Any]
    parts: Mapping[str, Part]
    per_scene: bool = True

    def build_config(self, root: str | Path, part: str | None = None) -> dict[str, Any]:
        """Makes the config of one part.

        Args:
            root: Folder of the data set.
            part: Name of the part; the first one by default.
        """
        part = next(iter(self.parts)) if part is None else part
        config = {'data_root': str(root), **self.config, **self.parts[part].config}
        return {'type': config.pop('type'), **config}


def parts_by_folder(
    image: str, labels: str, **parts: tuple[str, int]
) -> dict[str, Part]:
    """Makes parts that differ in a folder, in the paths of pictures and of labels.

    Args:
        image: Folder of the pictures, with ``{}`` for the part's own.
        labels: The same for the labels.
        **parts: By name, the folder and the number of samples of the real data set.
    """
    return {
        name: Part(
            dict(
                data_prefix=dict(
                    img_path=image.format(folder), seg_map_path=labels.format(folder)
                )
            ),
            real,
        )
        for name, (folder, real) in parts.items()
    }


def parts_by_list(path: str, **parts: tuple[str, int | None]) -> dict[str, Part]:
    """Makes parts that differ in the name of a list.

    Args:
        path: The list, with ``{}`` for the part's own name.
        **parts: By name, that name and the number of samples of the real data set.
    """
    return {
        name: Part(dict(ann_file=path.format(stem)), real)
        for name, (stem, real) in parts.items()
    }
