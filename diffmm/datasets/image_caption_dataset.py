"""Data set of pictures and captions in files."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS
from mmengine.structures import BaseDataElement

from diffmm.utils.text_file import check_file, read_text

from .missing_file import missing_file


@DATASETS.register_module()
class ImageCaptionDataset(BaseDataset):
    """Pictures and one JSON lines file of captions.

    A line is ``{"file_name": "images/a.jpg", "captions": ["...", ...]}`` with a path
    below ``data_root``; other entries are ignored. The mini world's layout
    ``image_caption`` has this form.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='ImageCaptionDataset', data_root='data/pictures',
        ...     ann_file='captions.jsonl', size=128, lazy_init=True))

    Args:
        ann_file: The JSON lines file.
        size: Side to which the shorter side of a picture is resized, before a square is
            cut from the middle. None leaves pictures as they are.
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.
    """

    METAINFO: dict = {}

    def __init__(self, ann_file: str, size: int | None = None, **kwargs) -> None:
        self.size = size
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the captions.

        Returns:
            Per picture ``img_path`` and ``captions``.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: A line is no JSON object with a file name and captions, or there
                is no line.
        """
        path = Path(self.ann_file)
        form = 'it holds one JSON object per picture: '
        form += '{"file_name": ..., "captions": [...]}'
        check_file(path, form)
        items = [
            self._read(line, f'{path}:{number}')
            for number, line in enumerate(read_text(path).split('\n'), start=1)
            if line.strip()
        ]
        if not items:
            raise ValueError(f'{path} is empty; {form}')
        return items

    def prepare_data(self, idx: int) -> dict:
        """Reads one picture.

        Args:
            idx: Its number.

        Returns:
            ``inputs``, RGB of shape (3, H, W) uint8, and ``data_samples`` with
            ``captions``.

        Raises:
            OSError: The file is missing or no picture.
        """
        info = self.get_data_info(idx)
        image = cv2.imread(info['img_path'], cv2.IMREAD_COLOR)
        if image is None:
            fault = missing_file(info['img_path'], self) or 'is no picture'
            line = f', which {info["line"]} names,' if 'line' in info else ''
            raise OSError(f'{info["img_path"]}{line} {fault}')
        if self.size is not None:
            image = square(image, self.size)
        image = np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1))
        sample = BaseDataElement(metainfo=dict(captions=info['captions']))
        return dict(inputs=torch.from_numpy(image), data_samples=sample)

    def _read(self, line: str, where: str) -> dict:
        try:
            record = json.loads(line)
        except ValueError as error:
            raise ValueError(f'{where} is no valid JSON ({error})') from error
        captions = record.get('captions') if isinstance(record, dict) else None
        if not captions or 'file_name' not in record:
            raise ValueError(
                f'{where} needs a "file_name" and at least one of "captions", got '
                f'{line.strip()[:80]!r}'
            )
        path = Path(self.data_root or '.') / record['file_name']
        return dict(img_path=str(path), captions=list(captions), line=where)


def square(image: np.ndarray, size: int) -> np.ndarray:
    """Resizes the shorter side and cuts out the middle.

    Args:
        image: Shape (H, W, 3).
        size: Side of the square in pixels.

    Returns:
        Shape (size, size, 3).
    """
    height, width = image.shape[:2]
    factor = size / min(height, width)
    width, height = max(size, round(width * factor)), max(size, round(height * factor))
    shrinks = factor < 1
    image = cv2.resize(
        image,
        (width, height),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC,
    )
    top, left = (height - size) // 2, (width - size) // 2
    return image[top : top + size, left : left + size]
