"""Data set of pictures to classify, by a split file of CoOp."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from diffmm.utils.split_file import PARTS, read_split_file

from .missing_file import missing_file

Row = tuple[str, int, str]


@DATASETS.register_module()
class ClassificationSplitDataset(BaseDataset):
    """Pictures of one part of a ``split_zhou_*.json``, the split files of CoOp.

    The file has the parts ``train``, ``val`` and ``test``, each a list of
    ``[path, label, class name]`` with paths below ``data_prefix['img_path']``. Class
    names become ``metainfo['classes']``, in the order of their labels.

    The pipeline gets ``img_path`` and ``gt_label``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='ClassificationSplitDataset', data_root='data/dtd',
        ...     ann_file='split_zhou_DescribableTextures.json', part='train',
        ...     data_prefix=dict(img_path='images'), lazy_init=True))

    Args:
        ann_file: The split file, below ``data_root``.
        part: ``'train'``, ``'val'`` or ``'test'``.
        shots: Pictures of each class that are kept, all where there are fewer; None
            keeps all. The pictures of 4 shots are among those of 16. Vermouth: 16. (Its
            released code repeats pictures of a class that has fewer; CoOp does not.)
        seed: Seed of their choice.
        num_classes: Number of classes that the file must have; None accepts any.
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: The part is unknown or empty, the file is malformed, a label has two
            names, the number of classes is another one, or ``shots`` are asked of a
            class without pictures.
    """

    METAINFO: dict = {}

    def __init__(
        self,
        ann_file: str,
        part: str,
        shots: int | None = None,
        seed: int = 0,
        num_classes: int | None = None,
        **kwargs,
    ) -> None:
        if part not in PARTS:
            raise ValueError(f'part must be one of {PARTS}, got {part!r}')
        if shots is not None and shots < 1:
            raise ValueError(f'shots must be at least 1, got {shots}')
        self.part = part
        self.shots = shots
        self.seed = seed
        self.num_classes = num_classes
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the part, and the class names of all parts.

        Returns:
            Per picture ``img_path`` and ``gt_label``.
        """
        path = Path(self.ann_file)
        split = read_split_file(path)
        if self.num_classes not in (None, len(split.classes)):
            raise ValueError(
                f'{path} has {len(split.classes)} classes, not {self.num_classes}; it '
                'is the split file of another data set'
            )
        self._metainfo['classes'] = split.classes
        rows = split.rows[self.part]
        if not rows:
            raise ValueError(f'{path} names no picture in its part {self.part!r}')
        if self.shots is not None:
            rows = self._choose(rows, split.classes)
        folder = Path(self.data_prefix['img_path'])
        return [
            dict(img_path=str(folder / name), gt_label=label) for name, label, _ in rows
        ]

    def prepare_data(self, idx: int) -> object:
        """Runs the pipeline on one picture.

        Args:
            idx: Its number.

        Returns:
            The output of the pipeline.

        Raises:
            FileNotFoundError: The picture is missing.
        """
        info = self.get_data_info(idx)
        if fault := missing_file(info['img_path'], self):
            raise FileNotFoundError(
                f'{info["img_path"]} {fault}, but {self.ann_file} names it; is it the '
                'split file of another data set?'
            )
        return self.pipeline(info)

    def _choose(self, rows: Sequence[Row], classes: Sequence[str]) -> list[Row]:
        """Takes the first shots of each class in an order of its own."""
        by_label: dict[int, list[Row]] = {label: [] for label in range(len(classes))}
        for row in rows:
            by_label[row[1]].append(row)
        chosen = []
        for label, found in by_label.items():
            if not found:
                raise ValueError(
                    f'{self.ann_file} has no picture of {classes[label]!r} in its part '
                    f'{self.part!r}, but {self.shots} shots were asked for'
                )
            order = random.Random(f'{self.seed} {label}').sample(found, len(found))
            chosen += order[: self.shots]
        return chosen
