"""Data set of pictures to classify, by a split file of CoOp."""

from __future__ import annotations

import json
from pathlib import Path

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

PARTS = ('train', 'val', 'test')


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
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: The part is unknown, the file is malformed, or a label has two
            names.
    """

    METAINFO: dict = {}

    def __init__(self, ann_file: str, part: str, **kwargs) -> None:
        if part not in PARTS:
            raise ValueError(f'part must be one of {PARTS}, got {part!r}')
        self.part = part
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the part, and the class names of all parts.

        Returns:
            Per picture ``img_path`` and ``gt_label``.
        """
        path = Path(self.ann_file)
        if not path.is_file():
            raise FileNotFoundError(
                f'{path} does not exist; it is a split file of CoOp'
            )
        try:
            content = json.loads(path.read_text(encoding='utf-8-sig'))
            rows = {part: [(*row,) for row in content[part]] for part in PARTS}
            names: dict[int, str] = {}
            for name, label in (
                (row[2], row[1]) for part in PARTS for row in rows[part]
            ):
                if names.setdefault(label, name) != name:
                    raise ValueError(f'label {label} is {names[label]!r} and {name!r}')
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(
                f'{path} is no split file ({error}): it needs lists of [path, label, '
                f'class name] under {PARTS}'
            ) from error
        self._metainfo['classes'] = tuple(names[label] for label in sorted(names))
        folder = Path(self.data_prefix['img_path'])
        return [
            dict(img_path=str(folder / name), gt_label=label)
            for name, label, _ in rows[self.part]
        ]
