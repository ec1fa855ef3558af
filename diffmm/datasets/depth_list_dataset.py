"""Pictures and depth maps that a list names."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import ClassVar

from mmengine.dataset import BaseDataset


class DepthListDataset(BaseDataset):
    """What the data sets of depth maps share that come as a list.

    A line of the list names a picture and a depth map below one folder, which may start
    with a slash. A third column, the focal length in some lists, is ignored. The
    pipeline is mmsegmentation's.

    A subclass says what a line looks like and how to prepare the data set; it may add
    to what is known of a picture (`describe`).

    Args:
        ann_file: The list.
        expected_lines: Number of lines that the list must have; None does not check.
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.
            ``data_prefix['img_path']`` is the folder that the list's paths start from.

    Raises:
        ValueError: On a malformed or empty list.
        FileNotFoundError: If the list is missing, or, when it is read, a picture or
            depth map.
    """

    METAINFO: dict = {}

    preparation: ClassVar[str]
    """Where it is written how to prepare the data set."""

    example: ClassVar[str]
    """A line of the list."""

    def __init__(
        self, ann_file: str, expected_lines: int | None = None, **kwargs
    ) -> None:
        self.expected_lines = expected_lines
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the list.

        Returns:
            Per picture ``img_path``, ``depth_map_path``, the ``line`` of the list, what
            mmsegmentation's transforms expect, and what `describe` adds.
        """
        path = Path(self.ann_file)
        if not path.is_file():
            raise FileNotFoundError(
                f'the list {path} does not exist; {self.preparation}'
            )
        rows = path.read_text(encoding='utf-8').splitlines()
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
            What the pipeline makes of it.

        Raises:
            FileNotFoundError: The picture or its depth map is missing.
        """
        info = self.get_data_info(idx)
        for key in ('img_path', 'depth_map_path'):
            if not Path(info[key]).is_file():
                raise FileNotFoundError(
                    f'{info[key]} does not exist, but {info["line"]} names it; '
                    f'{self.preparation}'
                )
        return self.pipeline(info)

    def describe(self, image: str, where: str) -> dict:
        """What else is known of a picture; nothing by default.

        Args:
            image: Its path in the list, without a slash in front.
            where: The list and the number of the line.

        Returns:
            More entries of the sample.
        """
        return {}

    def report_length(self, message: str) -> None:
        """Tells that the list has another length than expected; warns by default.

        Args:
            message: What to tell.
        """
        warnings.warn(message, stacklevel=2)

    def _read(self, row: str, where: str) -> dict:
        columns = row.split()
        if len(columns) not in (2, 3):
            raise ValueError(
                f'{where} must read "{self.example}", got {row.strip()[:120]!r}'
            )
        image, depth = (column.lstrip('/') for column in columns[:2])
        folder = Path(self.data_prefix['img_path'])
        return dict(
            img_path=str(folder / image),
            depth_map_path=str(folder / depth),
            line=where,
            seg_fields=[],
            **self.describe(image, where),
        )
