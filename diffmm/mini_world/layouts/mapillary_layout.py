"""The mini world in the layout of Mapillary Vistas v1.2."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .encoding import jpeg, png
from .label_map import label_map
from .layout import Layout
from .scene_files import SceneFiles

# Numbers among the 66 classes of version 1.2.
CLASS_IDS = {
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
FOLDERS = {'train': 'training', 'val': 'validation'}


class MapillaryLayout(Layout):
    """Outdoor scenes as ``images`` and ``v1.2/labels`` of both splits.

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
        labels = label_map(rendered, CLASS_IDS, UNLABELED)
        return SceneFiles(
            {
                f'{folder}/v1.2/labels/{name}.png': png(labels),
                f'{folder}/images/{name}.jpg': jpeg(self.picture(rendered)),
            }
        )
