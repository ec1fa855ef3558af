"""Layouts of Marigold's depth data: Hypersim, Virtual KITTI 2, ETH3D, ScanNet, DIODE.

Marigold trains on the first two and is tested on the others. Every data set has a list:
a line is a picture and a depth map, without slashes in front. ``filenames`` holds the
lists under the names that they have in Marigold's repository. Pictures are square here.
"""

from __future__ import annotations

import io
from typing import ClassVar

import numpy as np

from ..drawing.rendered_scene import RenderedScene
from .encoding import depth_png, jpeg, lines, png
from .layout import Layout, SceneFiles

MILLIMETERS, CENTIMETERS = 1000.0, 100.0
# Depth of the sky in Virtual KITTI 2: the most that 16 bits hold, in meters.
SKY = 655.35
FRAMES_PER_SCENE = 100
# The first scene of each split: a volume of Hypersim, a scene of Virtual KITTI 2.
VOLUMES = {'train': 'ai_001', 'val': 'ai_003'}
STREETS = {'train': 'Scene02', 'val': 'Scene01'}
# Folders of the places in ETH3D and DIODE.
ETH3D_SCENES = {'indoor': 'office', 'outdoor': 'meadow'}
DIODE_FOLDERS = {'indoor': 'indoors', 'outdoor': 'outdoor'}
DIODE_SCENES = {'indoor': (21, 189), 'outdoor': (22, 196)}


class DepthLayout(Layout):
    """Pictures and depth maps below one folder, and lists of them.

    The record of a scene has its line (``row``).
    """

    list_names: ClassVar[dict[str, str]]
    """Name of each split's list."""

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """The list of every split."""
        return {
            f'filenames/{self.list_names[split]}': lines([row['row'] for row in rows])
            for split, rows in records.items()
        }


class HypersimLayout(DepthLayout):
    """Indoor scenes as Marigold's preprocessing of Hypersim leaves them.

    It turns distances from the camera (HDF5) into depth along the optical axis, in
    millimeters, and tone-maps the pictures. Read by `HypersimDataset`.
    """

    top_entries = ('train', 'val', 'filenames')
    place = 'indoor'
    list_names = {
        'train': 'filename_list_train_filtered.txt',
        'val': 'filename_list_val_filtered.txt',
    }

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and depth map."""
        scene, frame = divmod(index, FRAMES_PER_SCENE)
        folder = f'{VOLUMES[split]}_{scene + 1:03d}'
        image = f'{folder}/rgb_cam_00_fr{frame:04d}.png'
        depth = f'{folder}/depth_plane_cam_00_fr{frame:04d}.png'
        files = {
            f'{split}/{depth}': depth_png(rendered.depth, MILLIMETERS),
            f'{split}/{image}': png(self.picture(rendered)),
        }
        return SceneFiles(files, dict(row=f'{image} {depth}'))


class VirtualKitti2Layout(DepthLayout):
    """Outdoor scenes as Virtual KITTI 2: JPEG pictures, depth in centimeters.

    The sky is at 655.35 m. Read by `VirtualKITTI2Dataset`.
    """

    top_entries = ('rgb', 'depth', 'filenames')
    place = 'outdoor'
    list_names = {'train': 'vkitti_train.txt', 'val': 'vkitti_val.txt'}

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and depth map."""
        folder, frame = f'{STREETS[split]}/clone/frames', f'{index:05d}'
        image = f'rgb/{folder}/rgb/Camera_0/rgb_{frame}.jpg'
        depth = f'depth/{folder}/depth/Camera_0/depth_{frame}.png'
        meters = np.where(rendered.depth > 0, rendered.depth, SKY)
        files = {
            depth: depth_png(meters, CENTIMETERS),
            image: jpeg(self.picture(rendered)),
        }
        return SceneFiles(files, dict(row=f'{image} {depth}'))


class Eth3dLayout(DepthLayout):
    """ETH3D's training scenes: only a test set, made of the validation scenes.

    A depth map is a file of float32 without a header, of the size of its picture;
    unknown depth is infinite. It has the name of its picture. Read by `ETH3DDataset`.
    """

    top_entries = ('rgb', 'depth', 'filenames')
    splits = ('val',)
    list_names = {'val': 'eth3d_filename_list.txt'}

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and depth map."""
        scene = ETH3D_SCENES[rendered.scene.background.place]
        name = f'dslr_images/DSC_{index:04d}.JPG'
        image = f'rgb/{scene}/images/{name}'
        depth = f'depth/{scene}_dslr_depth/{scene}/ground_truth_depth/{name}'
        meters = np.where(rendered.depth > 0, rendered.depth, np.inf)
        files = {
            depth: meters.astype('<f4').tobytes(),
            image: jpeg(self.picture(rendered)),
        }
        return SceneFiles(files, dict(row=f'{image} {depth}'))


class ScanNetLayout(DepthLayout):
    """Indoor scenes as ScanNet: only a test set, made of the validation scenes.

    JPEG pictures, depth in millimeters. Read by `ScanNetDepthDataset`.
    """

    top_entries = ('scannet_val_sampled_800_1', 'filenames')
    splits = ('val',)
    place = 'indoor'
    list_names = {'val': 'scannet_val_sampled_list_800_1.txt'}

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture and depth map."""
        scene, frame = divmod(index, FRAMES_PER_SCENE)
        # ScanNet's frames are sampled: every hundredth was taken.
        folder, frame = f'scene{scene:04d}_00', f'{100 * frame:06d}'
        image, depth = f'{folder}/color/{frame}.jpg', f'{folder}/depth/{frame}.png'
        files = {
            depth: depth_png(rendered.depth, MILLIMETERS),
            image: jpeg(self.picture(rendered)),
        }
        root = self.top_entries[0]
        return SceneFiles(
            {f'{root}/{path}': data for path, data in files.items()},
            dict(row=f'{image} {depth}'),
        )


class DiodeLayout(DepthLayout):
    """DIODE's validation set, made of the validation scenes.

    Depth in meters, ``(H, W, 1)`` float32, and a mask of the known pixels, ``(H, W)``,
    as NumPy files. A line of the list has the mask as its third column. Read by
    `DIODEDataset`.
    """

    top_entries = ('val', 'filenames')
    splits = ('val',)
    list_names = {'val': 'diode_val_all_filename_list.txt'}

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """Picture, depth map and mask."""
        place = rendered.scene.background.place
        folder, (scene, scan) = DIODE_FOLDERS[place], DIODE_SCENES[place]
        scan, view = scan + index // 1000, index % 1000
        stem = f'{folder}/scene_{scene:05d}/scan_{scan:05d}'
        stem += f'/{scene:05d}_{scan:05d}_{folder}_{view:03d}_000'
        image, depth, mask = (
            f'{stem}{ending}' for ending in ('.png', '_depth.npy', '_depth_mask.npy')
        )
        known = (rendered.depth > 0).astype(np.float32)
        files = {
            f'val/{depth}': npy(rendered.depth[..., None]),
            f'val/{mask}': npy(known),
            f'val/{image}': png(self.picture(rendered)),
        }
        return SceneFiles(files, dict(row=f'{image} {depth} {mask}'))


def npy(array: np.ndarray) -> bytes:
    """Encodes a NumPy file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()
