"""Captions of pictures, for models that are prompted with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from diffmm.datasets.captioning import (
    CaptionerError,
    CaptionerSettings,
    CaptionKey,
    generate_captions,
    read_captions,
)

from .pictures import DataError, count, first_line

# TADP's model, and the one that comes with DiffMM and knows the mini world alone.
CAPTIONERS = dict(mini='mini-captioner', sd15='Salesforce/blip2-opt-2.7b')
_MOST_TOKENS = 77


def find_captions(
    pictures: Sequence[Path],
    images: Path,
    file: Path | None,
    out: Path,
    captioner: str,
    device: str,
) -> dict:
    """Finds captions in a file, or has them written.

    Args:
        pictures: Files.
        images: Their folder.
        file: A caption file; None has ``out`` written.
        out: Where a captioner's captions go. Those that it has stay.
        captioner: Name of the model.
        device: Where it runs.

    Returns:
        Arguments of ``LoadCaption``.

    Raises:
        DataError: The file has no caption for a picture, or the captioner cannot be
            used.
    """
    # Names in folders may repeat.
    parts = max(len(path.relative_to(images).parts) for path in pictures)
    key = CaptionKey(parts)
    try:
        if file is None:
            settings = CaptionerSettings(captioner, 0, _MOST_TOKENS)
            generate_captions(pictures, out, settings, key, device=device)
        entries = read_captions(file or out)
    except (CaptionerError, OSError, ValueError) as error:
        raise DataError(f'captions: {first_line(error)}') from error
    missing = [path for path in pictures if key(path) not in entries]
    if missing:
        raise DataError(
            f'{file or out} has no caption for {count(missing, "picture")}, such as '
            f'{missing[0]}; its names must be like {key(missing[0])!r}'
        )
    return dict(ann_file=str(file or out), parts=parts)


def caption_steps(captions: dict | None) -> list[dict]:
    """Steps of a pipeline that read captions; none without."""
    return [] if captions is None else [dict(type='LoadCaption', **captions)]


def pack(kind: str, captions: dict | None, *keys: str) -> dict:
    """The last step of a pipeline, which keeps the caption.

    Args:
        kind: ``'PackSegInputs'`` or ``'PackDetInputs'``.
        captions: As for `caption_steps`.
        *keys: Further entries to keep.
    """
    shapes = ('ori_shape', 'img_shape', 'pad_shape', 'scale_factor')
    names = ('img_id', 'img_path', *shapes, 'flip', 'flip_direction', *keys)
    texts = () if captions is None else ('caption',)
    return dict(type=kind, meta_keys=(*names, *texts))
