"""The mini world in the layout of Cityscapes."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .caption_file import caption_file, caption_record
from .encoding import png
from .label_map import label_map
from .layout import Layout
from .scene_files import SceneFiles

# Train ids of what Cityscapes' definitions cover: its terrain is grass, its vegetation
# all plants that stand upright. Everything else is ignored.
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

# The splits show different cities, so a file name tells its split.
CITIES = {'train': 'northtown', 'val': 'southtown'}
FRAME = '000019'


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
