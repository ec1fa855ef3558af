"""Data sets of pictures and depth maps that a list names."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import ClassVar

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from diffmm.utils.text_file import check_file, read_text

from .missing_file import missing_file

_DEPTH = 'depth_map_path'


@DATASETS.register_module()
class DepthListDataset(BaseDataset):
    """Pictures and depth maps that a list names, those of a user for instance.

    A line of the list names a picture and a depth map below one folder; either path may
    start with a slash. Blanks stand between the two, or a tab, where names have blanks.
    A third column (the focal length in some lists) is ignored. The pipeline is
    mmsegmentation's.

    With ``test_mode``, a picture may lack its depth map: the line names none, or the
    file is not there. It can be predicted (``format_only=True`` in the metric), not
    scored.

    A subclass has an example of a line and says how to prepare the data set. It may add
    entries to a sample (`describe`).

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='DepthListDataset', data_root='my photos', ann_file='train.txt',
        ...     lazy_init=True))

    Args:
        ann_file: The list.
        expected_lines: Number of lines that the list must have; None accepts any.
        source: Name that every sample carries as ``source``, for `BySourceMetric`.
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.
            ``data_prefix['img_path']`` is the folder that the list's paths start from.

    Raises:
        ValueError: The list is malformed or empty.
        FileNotFoundError: The list is missing. When an item is read: its picture is
            missing, or in training its depth map.
    """

    METAINFO: dict = {}

    preparation: ClassVar[str] = 'tools/new_experiment.py writes lists'
    """Pointer to the guide that says how to prepare the data set."""

    example: ClassVar[str] = 'photos/a.jpg depth/a.png'
    """A line of the list."""

    file_keys: ClassVar[tuple[str, ...]] = ('img_path', 'depth_map_path')
    """Keys of a sample whose files must be there when it is read."""

    def __init__(
        self,
        ann_file: str,
        expected_lines: int | None = None,
        source: str | None = None,
        **kwargs,
    ) -> None:
        self.expected_lines = expected_lines
        self.source = source
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the list.

        Returns:
            Per picture ``img_path``, ``depth_map_path``, the ``line`` of the list,
            ``seg_fields`` for mmsegmentation's transforms, and what `describe` adds.
        """
        path = Path(self.ann_file)
        check_file(path, self.preparation)
        rows = read_text(path).splitlines()
        samples = [
            self._read(row, f'{path}:{number}')
            for number, row in enumerate(rows, start=1)
            if row.strip()
        ]
        if not samples:
            raise ValueError(f'the list {path} is empty; {self.preparation}')
        if self.expected_lines not in (None, len(samples)):
            self.report_length(
                f'{path} has {len(samples):,} lines, the known split has '
                f'{self.expected_lines:,}; figures will not compare. '
                'expected_lines=None accepts any number'
            )
        return samples

    def prepare_data(self, idx: int) -> object:
        """Runs the pipeline on one picture.

        Args:
            idx: Its number.

        Returns:
            The output of the pipeline.

        Raises:
            FileNotFoundError: The picture is missing, or in training its depth map.
        """
        info = self.get_data_info(idx)
        for key in self.file_keys:
            if key not in info:
                continue
            if fault := missing_file(info[key], self):
                if key == _DEPTH and self.test_mode:
                    # The path stays, for the message of a metric that needs the file.
                    info['without_depth'] = True
                    continue
                raise FileNotFoundError(
                    f'{info[key]} {fault}, but {info["line"]} names it; '
                    f'{self.preparation}'
                )
        return self.pipeline(info)

    def describe(self, image: str, where: str) -> dict:
        """Adds entries to the sample of a picture; none by default.

        Args:
            image: Its path in the list, without a slash in front.
            where: The list and the number of the line.

        Returns:
            The entries.
        """
        return {}

    def report_length(self, message: str) -> None:
        """Reports that the list has another length than expected; warns by default.

        Args:
            message: Text of the warning.
        """
        warnings.warn(message, stacklevel=2)

    def _read(self, row: str, where: str) -> dict:
        columns = row.strip().split('\t' if '\t' in row else None)
        if len(columns) not in ((1, 2, 3) if self.test_mode else (2, 3)):
            raise ValueError(
                f'{where} must read "{self.example}", got {row.strip()[:120]!r}'
            )
        image, *depth = (column.lstrip('/') for column in columns[:2])
        folder = Path(self.data_prefix['img_path'])
        return dict(
            img_path=str(folder / image),
            line=where,
            seg_fields=[],
            **({} if self.source is None else dict(source=self.source)),
            **({_DEPTH: str(folder / depth[0])} if depth else {}),
            **self.describe(image, where),
        )


@DATASETS.register_module()
class KITTIDepthListDataset(DepthListDataset):
    """KITTI: street pictures and sparse depth maps that a list names.

    A line of the list names a picture and its depth map of KITTI's depth benchmark,
    both below one folder (here broken in two)::

        /raw_data/2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png
        /data_depth_annotated/val/2011_09_26_drive_0002_sync/proj_depth/groundtruth/image_02/0000000069.png

    These are the lists of VPD, Meta Prompts and others for the split of Eigen et al.:
    23,158 lines for training and 652 for testing, since 652 of the 697 test pictures
    have a depth map. ``tools/dataset_converters/kitti_depth.py`` writes them.

    Depth maps hold 256 units per meter. Read them with
    ``LoadMetricDepth(depth_rescale_factor=1 / 256)``, then cut the region in use with
    `KBCrop`.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='KITTIDepthListDataset', data_root='data/kitti',
        ...     ann_file='eigen_test.txt', expected_lines=652, lazy_init=True))

    Args:
        ann_file: The list.
        **kwargs: Of `DepthListDataset` and of ``mmengine.dataset.BaseDataset``;
            ``data_root`` above all. A list of another length than ``expected_lines`` is
            an error.

    Raises:
        ValueError: The list is malformed, empty or of another length.
        FileNotFoundError: As in the base class.
    """

    preparation = 'docs/kitti.md says how to prepare KITTI'
    example = '/raw_data/.../x.png /data_depth_annotated/.../x.png'

    def report_length(self, message: str) -> None:
        """Refuses a list of another length than expected.

        Args:
            message: Text of the error.

        Raises:
            ValueError: Always.
        """
        raise ValueError(f'{message}; {self.preparation}')
