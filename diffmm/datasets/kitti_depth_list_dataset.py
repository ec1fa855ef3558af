"""KITTI's depth maps, by the lists of the Eigen split."""

from __future__ import annotations

from mmengine.registry import DATASETS

from .depth_list_dataset import DepthListDataset


@DATASETS.register_module()
class KITTIDepthListDataset(DepthListDataset):
    """Street pictures and sparse depth maps named by a list.

    A line of the list names a picture and the depth map of KITTI's depth benchmark for
    it, below one folder (here broken in two)::

        /raw_data/2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png
        /data_depth_annotated/val/2011_09_26_drive_0002_sync/proj_depth/groundtruth/image_02/0000000069.png

    These are the lists of VPD, Meta Prompts and others for the split of Eigen et al.:
    23,158 lines for training, and 652 for testing, those of the 697 test pictures that
    have a depth map. ``tools/dataset_converters/kitti_depth.py`` writes them.

    Depth maps hold 256 units a metre: ``LoadMetricDepth(depth_rescale_factor=1 / 256)``
    reads them, and `KBCrop` cuts the region in use.

    Args:
        ann_file: The list.
        **kwargs: Of `DepthListDataset` and of ``mmengine.dataset.BaseDataset``;
            ``data_root`` above all. A list that has not ``expected_lines`` is an error.

    Raises:
        ValueError: On a malformed or empty list, or one of another length.
        FileNotFoundError: If the list is missing, or, when it is read, a picture or
            depth map.
    """

    preparation = 'docs/kitti.md says how to prepare KITTI'
    example = '/raw_data/.../x.png /data_depth_annotated/.../x.png'

    def report_length(self, message: str) -> None:
        """Refuses a list of another length than expected.

        Args:
            message: What to tell.

        Raises:
            ValueError: Always.
        """
        raise ValueError(f'{message}; {self.preparation}')
