"""Depth data of Marigold: two sets to train on, three to be tested on."""

from __future__ import annotations

import math
from pathlib import Path

from mmengine.registry import DATASETS

from .depth_list_dataset import DepthListDataset


class MarigoldDepthDataset(DepthListDataset):
    """Base class: a data set with one of Marigold's lists.

    Arguments and errors are those of `DepthListDataset`.
    """

    preparation = 'docs/datasets.md says how to prepare it'


@DATASETS.register_module()
class HypersimDataset(MarigoldDepthDataset):
    """Hypersim as Marigold's preprocessing leaves it.

    Its preprocessing turns the HDF5 files into PNG files: tone-mapped pictures, and
    depth along the optical axis in millimeters, 0 where nothing was rendered. A line of
    the list::

        ai_001_001/rgb_cam_00_fr0000.png ai_001_001/depth_plane_cam_00_fr0000.png

    Marigold's filtered lists have 53,885 lines for training, 7,370 for validation and
    7,682 for testing. Read depth with ``LoadMetricDepth(depth_rescale_factor=1e-3)``.
    ``metainfo['depth_range']`` is the range of valid depth in meters.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='HypersimDataset', data_root='data/hypersim',
        ...     ann_file='filenames/filename_list_train_filtered.txt',
        ...     data_prefix=dict(img_path='train'), expected_lines=53885,
        ...     lazy_init=True))
        >>> dataset.metainfo['depth_range']
        (1e-05, 65.0)
    """

    METAINFO: dict = dict(depth_range=(1e-5, 65.0))

    example = 'ai_x/rgb_cam_x_frx.png ai_x/depth_plane_cam_x_frx.png'


@DATASETS.register_module()
class VirtualKITTI2Dataset(MarigoldDepthDataset):
    """Virtual KITTI 2: rendered street scenes.

    Depth is in centimeters, 655.35 m for the sky, which lies outside of the valid
    range. A line of the list (here broken in two)::

        rgb/Scene01/clone/frames/rgb/Camera_0/rgb_00000.jpg
        depth/Scene01/clone/frames/depth/Camera_0/depth_00000.png

    Marigold's lists have 20,148 lines for training and 5,364 for validation. Read depth
    with ``LoadMetricDepth(depth_rescale_factor=1e-2)``, then cut with `KBCrop`.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='VirtualKITTI2Dataset', data_root='data/vkitti2',
        ...     ann_file='filenames/vkitti_train.txt', expected_lines=20148,
        ...     lazy_init=True))
        >>> dataset.metainfo['depth_range']
        (1e-05, 80.0)
    """

    METAINFO: dict = dict(depth_range=(1e-5, 80.0))

    example = 'rgb/SceneX/.../rgb_x.jpg depth/SceneX/.../depth_x.png'


@DATASETS.register_module()
class ETH3DDataset(MarigoldDepthDataset):
    """ETH3D: photos of 13 scenes with laser scans.

    A depth map is a file of float32 without a header, 4032x6048 values; unknown depth
    is infinite. It has the name of its picture. A line of the list (here broken in
    two)::

        rgb/office/images/dslr_images/DSC_0219.JPG
        depth/office_dslr_depth/office/ground_truth_depth/dslr_images/DSC_0219.JPG

    Marigold's list has 454 lines. Read depth with ``LoadFloatDepth``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='ETH3DDataset', data_root='data/eth3d',
        ...     ann_file='filenames/eth3d_filename_list.txt', expected_lines=454,
        ...     lazy_init=True))
        >>> dataset.metainfo['depth_range']
        (1e-05, inf)
    """

    METAINFO: dict = dict(depth_range=(1e-5, math.inf))

    example = 'rgb/x/images/dslr_images/x.JPG depth/x/.../dslr_images/x.JPG'


@DATASETS.register_module()
class ScanNetDepthDataset(MarigoldDepthDataset):
    """ScanNet: frames of rooms with a depth camera.

    Depth is in millimeters. A line of the list::

        scene0406_02/color/000300.jpg scene0406_02/depth/000300.png

    Marigold's list samples 800 frames of the validation scenes. Read depth with
    ``LoadMetricDepth(depth_rescale_factor=1e-3)``; picture and depth map must have the
    same size, as in Marigold's archive.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='ScanNetDepthDataset', data_root='data/scannet',
        ...     ann_file='filenames/scannet_val_sampled_list_800_1.txt',
        ...     data_prefix=dict(img_path='scannet_val_sampled_800_1'),
        ...     expected_lines=800, lazy_init=True))
        >>> dataset.metainfo['depth_range']
        (0.001, 10.0)
    """

    METAINFO: dict = dict(depth_range=(1e-3, 10.0))

    example = 'scenex/color/x.jpg scenex/depth/x.png'


@DATASETS.register_module()
class DIODEDataset(MarigoldDepthDataset):
    """DIODE: photos indoors and outdoors with laser scans.

    Depth is in meters, in a NumPy file; another one has the mask of the known pixels. A
    line of the list names picture, depth map and mask (here broken in three)::

        indoors/scene_00021/scan_00189/00021_00189_indoors_200_010.png
        indoors/scene_00021/scan_00189/00021_00189_indoors_200_010_depth.npy
        indoors/scene_00021/scan_00189/00021_00189_indoors_200_010_depth_mask.npy

    Marigold's list has 771 lines, 325 of them indoors. Read depth with
    ``LoadFloatDepth``, which sets unknown pixels to 0. Marigold clips the aligned
    prediction to ``metainfo['depth_range']``, but evaluates all pixels of the mask.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='DIODEDataset', data_root='data/diode',
        ...     ann_file='filenames/diode_val_all_filename_list.txt',
        ...     data_prefix=dict(img_path='val'), expected_lines=771,
        ...     lazy_init=True))
        >>> dataset.metainfo['depth_range']
        (0.6, 350.0)

    Raises:
        ValueError: As in the base class; also a line without a mask.
        FileNotFoundError: As in the base class; also a missing mask.
    """

    METAINFO: dict = dict(depth_range=(0.6, 350.0))

    example = 'indoors/.../x.png indoors/.../x_depth.npy indoors/.../x_depth_mask.npy'
    file_keys = ('img_path', 'depth_map_path', 'depth_mask_path')

    def _read(self, row: str, where: str) -> dict:
        columns = row.split()
        if len(columns) != 3:
            raise ValueError(
                f'{where} must read "{self.example}", got {row.strip()[:120]!r}'
            )
        folder = Path(self.data_prefix['img_path'])
        mask = str(folder / columns[2].lstrip('/'))
        return dict(super()._read(row, where), depth_mask_path=mask)
