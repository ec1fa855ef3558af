"""Layouts with depth maps: NYUv2 and KITTI."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .captions import caption_file, caption_record
from .encoding import depth_png, jpeg, lines, png
from .layout import Layout, SceneFiles

# Units per meter in the files.
NYU_UNITS, KITTI_UNITS = 1000.0, 256.0
# A training folder of NYUv2 holds the frames of one recording, such as kitchen_0028b.
FRAMES_PER_FOLDER = 100
ORIGINAL = {
    'train': 'nyu_depth_v2/sync',
    'val': 'nyu_depth_v2/official_splits/test',
}
DATE = '2011_09_26'
DRIVES = {'train': f'{DATE}_drive_0001_sync', 'val': f'{DATE}_drive_0002_sync'}
LISTS = {'train': 'train', 'val': 'test'}


class NyuLayout(Layout):
    """Indoor scenes with depth in millimeters, in both layouts in use.

    mmsegmentation's ``NYUDataset`` reads ``images`` and ``annotations``, and takes the
    kind of room from the file name. `NYUDepthListDataset` and the original code of VPD
    and Meta Prompts read ``nyu_depth_v2`` by the lists in ``filenames``; a line is a
    picture and a depth map, each with a leading slash. The validation scenes are the
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
        millimeters = depth_png(rendered.depth, NYU_UNITS)
        files = {
            f'{ORIGINAL[split]}{depth}': millimeters,
            f'{ORIGINAL[split]}{image}': picture,
            f'annotations/{part}/{folder}_{frame}.png': millimeters,
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


class KittiLayout(Layout):
    """Outdoor scenes as ``raw_data`` and ``data_depth_annotated``, with Eigen lists.

    Read by `KITTIDepthListDataset`. A line of the lists is a picture and a depth map,
    each with a leading slash. Depth is stored times 256; the sky is zero. KITTI's maps
    are sparse and its pictures wide; these are dense and square. The validation scenes
    are the test set.
    """

    top_entries = ('raw_data', 'data_depth_annotated', 'filenames')
    place = 'outdoor'

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and depth map."""
        drive, frame = DRIVES[split], f'{index:010d}.png'
        image = f'raw_data/{DATE}/{drive}/image_02/data/{frame}'
        depth = (
            f'data_depth_annotated/{split}/{drive}/proj_depth/groundtruth/'
            f'image_02/{frame}'
        )
        files = {
            depth: depth_png(rendered.depth, KITTI_UNITS),
            image: png(self.picture(rendered)),
        }
        return SceneFiles(files, dict(row=f'/{image} /{depth}'))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """The lists of both splits."""
        return {
            f'filenames/eigen_benchmark/{LISTS[split]}_list.txt': lines(
                [record['row'] for record in rows]
            )
            for split, rows in records.items()
        }
