"""The mini world in ADE20K's layout."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from .atomic import write_atomically
from .rendered_scene import RenderedScene

JPEG_QUALITY = 95
PNG_COMPRESSION = 3


class Ade20kLayout:
    """Folders and files of ADEChallengeData2016.

    Pictures are JPEG files. Masks are PNG files of one channel that hold ADE20K's class
    index plus one; zero, unlabelled, does not occur.

    Args:
        root: Folder that gets ``images`` and ``annotations``.
    """

    top_folders = ('images', 'annotations')

    def __init__(self, root: Path) -> None:
        self.root = root

    def folders(self, split: str) -> tuple[Path, ...]:
        """Folders of a split."""
        name = {'train': 'training', 'val': 'validation'}[split]
        return tuple(self.root / top / name for top in self.top_folders)

    def files(self, split: str, index: int) -> tuple[Path, Path]:
        """Picture and mask of a scene; numbers start at one, as in ADE20K."""
        images, annotations = self.folders(split)
        stem = f'ADE_{split}_{index + 1:08d}'
        return images / f'{stem}.jpg', annotations / f'{stem}.png'

    def write(self, rendered: RenderedScene, split: str, index: int) -> None:
        """Writes the picture and the mask of a scene.

        Args:
            rendered: The scene.
            split: ``'train'`` or ``'val'``.
            index: Number of the scene, from zero.

        Raises:
            OSError: A file cannot be written.
        """
        image_file, mask_file = self.files(split, index)
        # The mask comes first: a data set that lists pictures finds all their masks.
        mask = rendered.ade20k_index + np.uint8(1)
        options = [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION]
        write_atomically(mask_file, cv2.imencode('.png', mask, options)[1].tobytes())
        image = cv2.cvtColor(rendered.image, cv2.COLOR_RGB2BGR)
        options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        write_atomically(image_file, cv2.imencode('.jpg', image, options)[1].tobytes())
