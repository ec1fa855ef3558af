"""Layouts with class maps: ADE20K, Cityscapes, Mapillary Vistas and two at night."""

from __future__ import annotations

import numpy as np

from ..drawing.rendered_scene import RenderedScene
from .captions import caption_file, caption_record
from .encoding import jpeg, label_map, png
from .layout import Layout, SceneFiles

# Labels of Cityscapes: terrain is grass, vegetation is any plant that stands upright.
TRAIN_IDS = {
    'house': 2,
    'tree': 8,
    'flower': 8,
    'grass': 9,
    'sky': 10,
    'person': 11,
    'car': 13,
}
IGNORED = 255
# Labels of Mapillary Vistas v1.2.
MAPILLARY_IDS = {
    'house': 17,
    'person': 19,
    'sky': 27,
    'grass': 29,
    'tree': 30,
    'flower': 30,
    'boat': 53,
    'car': 55,
}
UNLABELED = 65

# The splits show different cities, so a file name tells its split.
CITIES = {'train': 'northtown', 'val': 'southtown'}
FRAME = '000019'
SEQUENCES = {'train': 'GOPR0351', 'val': 'GOPR0356'}
FOLDERS = {'train': 'training', 'val': 'validation'}


class Ade20kLayout(Layout):
    """Folders and files of ADEChallengeData2016.

    Pictures are JPEG files. Class maps are PNG files of one channel that hold ADE20K's
    class index plus one; zero (unlabeled) does not occur. Read by mmsegmentation's
    ``ADE20KDataset``.
    """

    top_entries = ('images', 'annotations', 'captions')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and class map; numbers start at one, as in ADE20K."""
        folder, stem = FOLDERS[split], f'ADE_{split}_{index + 1:08d}'
        mask = rendered.ade20k_index + np.uint8(1)
        files = {
            f'annotations/{folder}/{stem}.png': png(mask),
            f'images/{folder}/{stem}.jpg': jpeg(self.picture(rendered)),
        }
        return SceneFiles(files, caption_record(rendered, f'{stem}.jpg'))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions."""
        return {'captions/ade20k_captions.json': caption_file(records)}


class CityscapesLayout(Layout):
    """Outdoor scenes as ``leftImg8bit`` pictures and ``gtFine`` train ids.

    Read by mmsegmentation's ``CityscapesDataset``. Each split is one city.
    """

    top_entries = ('leftImg8bit', 'gtFine', 'captions')
    place = 'outdoor'

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and train ids."""
        city = CITIES[split]
        stem = f'{city}/{city}_{index:06d}_{FRAME}'
        labels = label_map(rendered, TRAIN_IDS, IGNORED)
        image = f'{stem}_leftImg8bit.png'
        files = {
            f'gtFine/{split}/{stem}_gtFine_labelTrainIds.png': png(labels),
            f'leftImg8bit/{split}/{image}': png(self.picture(rendered)),
        }
        return SceneFiles(files, caption_record(rendered, image))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions."""
        return {'captions/cityscapes_captions.json': caption_file(records)}


class MapillaryLayout(Layout):
    """Outdoor scenes as ``images`` and ``v1.2/labels`` of Mapillary Vistas.

    Read by mmsegmentation's ``MapillaryDataset_v1`` and by
    ``MapillaryCityscapesDataset``.
    """

    top_entries = ('training', 'validation')
    place = 'outdoor'

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and class map."""
        folder, name = FOLDERS[split], f'{split}_{index:08d}'
        labels = label_map(rendered, MAPILLARY_IDS, UNLABELED)
        return SceneFiles(
            {
                f'{folder}/v1.2/labels/{name}.png': png(labels),
                f'{folder}/images/{name}.jpg': jpeg(self.picture(rendered)),
            }
        )


class DarkZurichLayout(Layout):
    """Outdoor scenes at night: labeled validation, unlabeled training pictures.

    Read by mmsegmentation's ``DarkZurichDataset``. As in Dark Zurich, training pictures
    have no labels: methods learn the look of the target domain from them.
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


class NighttimeDrivingLayout(Layout):
    """Outdoor scenes at night; only a test set, made of the validation scenes.

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
