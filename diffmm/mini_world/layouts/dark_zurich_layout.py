"""The mini world at night in the layout of Dark Zurich."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .caption_file import caption_file, caption_record
from .cityscapes_layout import IGNORED, TRAIN_IDS
from .encoding import png
from .label_map import label_map
from .layout import Layout
from .scene_files import SceneFiles

SEQUENCES = {'train': 'GOPR0351', 'val': 'GOPR0356'}


class DarkZurichLayout(Layout):
    """Outdoor scenes at night: labelled validation, unlabelled training pictures.

    Read by mmsegmentation's ``DarkZurichDataset``. As in Dark Zurich the training
    pictures have no labels; methods learn the target domain's look from them.
    """

    top_entries = ('rgb_anon', 'gt', 'captions')
    place = 'outdoor'
    default_style = 'night'

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and, for validation, train ids."""
        sequence = SEQUENCES[split]
        stem = f'night/{sequence}/{sequence}_frame_{index:06d}'
        image = f'{stem}_rgb_anon.png'
        files = {}
        if split == 'val':
            labels = label_map(rendered, TRAIN_IDS, IGNORED)
            files[f'gt/{split}/{stem}_gt_labelTrainIds.png'] = png(labels)
        files[f'rgb_anon/{split}/{image}'] = png(self.picture(rendered))
        return SceneFiles(files, caption_record(rendered, image))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions of both splits."""
        return {'captions/dark_zurich_captions.json': caption_file(records)}
