"""The mini world in ADE20K's layout."""

from __future__ import annotations

import numpy as np

from ..drawing.rendered_scene import RenderedScene
from .caption_file import caption_file, caption_record
from .encoding import jpeg, png
from .layout import Layout
from .scene_files import SceneFiles


class Ade20kLayout(Layout):
    """Folders and files of ADEChallengeData2016.

    Pictures are JPEG files. Masks are PNG files of one channel that hold ADE20K's class
    index plus one; zero, unlabelled, does not occur. Read by mmsegmentation's
    ``ADE20KDataset``.
    """

    top_entries = ('images', 'annotations', 'captions')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and mask; numbers start at one, as in ADE20K."""
        folder = {'train': 'training', 'val': 'validation'}[split]
        stem = f'ADE_{split}_{index + 1:08d}'
        mask = rendered.ade20k_index + np.uint8(1)
        files = {
            f'annotations/{folder}/{stem}.png': png(mask),
            f'images/{folder}/{stem}.jpg': jpeg(self.picture(rendered)),
        }
        return SceneFiles(files, caption_record(rendered, f'{stem}.jpg'))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions."""
        return {'captions/ade20k_captions.json': caption_file(records)}
