"""The mini world in the layouts of NYUv2's depth."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .caption_file import caption_file, caption_record
from .encoding import depth_png, jpeg, lines
from .layout import Layout
from .scene_files import SceneFiles

MILLIMETRES = 1000.0
# A training folder of NYUv2 holds the frames of one recording, such as kitchen_0028b.
FRAMES_PER_FOLDER = 100
ORIGINAL = {
    'train': 'nyu_depth_v2/sync',
    'val': 'nyu_depth_v2/official_splits/test',
}
LISTS = {'train': 'train', 'val': 'test'}


class NyuLayout(Layout):
    """Indoor scenes with depth in millimetres, in both layouts in use.

    ``images`` and ``annotations`` are read by mmsegmentation's ``NYUDataset``, which
    takes the kind of room from the file name. ``nyu_depth_v2`` and the lists in
    ``filenames`` (picture and depth map a line, with a leading slash) are what the
    original code of VPD, Meta Prompts and others reads. The validation scenes are the
    test set.
    """

    top_entries = ('images', 'annotations', 'nyu_depth_v2', 'filenames', 'captions')
    place = 'indoor'

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and depth map, each twice."""
        folder = rendered.scene.scene_type
        if split == 'train':
            folder = f'{folder}_{index // FRAMES_PER_FOLDER:04d}'
        part, frame = LISTS[split], f'{index:05d}'
        image = f'/{folder}/rgb_{frame}.jpg'
        depth = f'/{folder}/sync_depth_{frame}.png'
        picture = jpeg(self.picture(rendered))
        millimetres = depth_png(rendered.depth, MILLIMETRES)
        files = {
            f'{ORIGINAL[split]}{depth}': millimetres,
            f'{ORIGINAL[split]}{image}': picture,
            f'annotations/{part}/{folder}_{frame}.png': millimetres,
            f'images/{part}/{folder}_{frame}.jpg': picture,
        }
        record = dict(row=f'{image} {depth}', **caption_record(rendered, image))
        return SceneFiles(files, record)

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """Captions and the lists of both splits."""
        files = {'captions/nyuv2_captions.json': caption_file(records)}
        for split, rows in records.items():
            path = f'filenames/nyudepthv2/{LISTS[split]}_list.txt'
            files[path] = lines([record['row'] for record in rows])
        return files
