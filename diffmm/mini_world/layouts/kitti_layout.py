"""The mini world in the layout of KITTI's depth."""

from __future__ import annotations

from ..drawing.rendered_scene import RenderedScene
from .encoding import depth_png, lines, png
from .layout import Layout
from .scene_files import SceneFiles

UNITS_PER_METRE = 256.0
DATE = '2011_09_26'
DRIVES = {'train': f'{DATE}_drive_0001_sync', 'val': f'{DATE}_drive_0002_sync'}
LISTS = {'train': 'train', 'val': 'test'}


class KittiLayout(Layout):
    """Outdoor scenes as ``raw_data`` and ``data_depth_annotated``, with Eigen lists.

    The lists have picture and depth map a line, with a leading slash. Depth is stored
    times 256, zero where there is none (the sky). KITTI's maps are sparse and its
    pictures wide; these are dense and square. The validation scenes are the test set.
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
            depth: depth_png(rendered.depth, UNITS_PER_METRE),
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
