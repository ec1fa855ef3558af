"""The mini world at night in the layout of Nighttime Driving."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .caption_file import caption_file, caption_record
from .cityscapes_layout import IGNORED, TRAIN_IDS
from .encoding import png
from .label_map import label_map
from .layout import Layout
from .scene_files import SceneFiles


class NighttimeDrivingLayout(Layout):
    """Outdoor scenes at night; a test set only, made of the validation scenes.

    Read by mmsegmentation's ``NightDrivingDataset``.
    """

    top_entries = ('leftImg8bit', 'gtCoarse_daytime_trainvaltest', 'captions')
    splits = ('val',)
    place = 'outdoor'
    default_style = 'night'

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and train ids."""
        stem = f'night/0_frame_{index:04d}'
        image = f'{stem}_leftImg8bit.png'
        labels = label_map(rendered, TRAIN_IDS, IGNORED)
        folder = 'gtCoarse_daytime_trainvaltest/test'
        files = {
            f'{folder}/{stem}_gtCoarse_labelTrainIds.png': png(labels),
            f'leftImg8bit/test/{image}': png(self.picture(rendered)),
        }
        return SceneFiles(files, caption_record(rendered, image))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions."""
        return {'captions/nighttimedriving_captions.json': caption_file(records)}
