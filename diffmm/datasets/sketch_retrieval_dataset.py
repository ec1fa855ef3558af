"""Data set of sketches and photos that lists of zero-shot retrieval name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from diffmm.utils.class_names import read_class_file, read_lines

ROLES = ('query', 'gallery')


@DATASETS.register_module()
class SketchRetrievalDataset(BaseDataset):
    """Sketches and photos of SAKE's zero-shot splits.

    For Sketchy, TU-Berlin and QuickDraw-Extended. A line of a list is a path, which may
    contain spaces, and a label::

        256x256/sketch/tx_000000000000_ready/airplane/n02691156_10151-1.png 0

    A line of the class file is a name, perhaps with its label behind it. Seen and
    unseen classes are numbered separately.

    The pipeline gets ``img_path``, ``gt_label`` and, if the lists say it, ``role``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='SketchRetrievalDataset', data_root='data/sketchy',
        ...     ann_file=dict(
        ...         query='zeroshot2/sketch_tx_000000000000_ready_filelist_zero.txt',
        ...         gallery='zeroshot2/all_photo_filelist_zero.txt'),
        ...     class_file='zeroshot2/cname_cid_zero.txt', lazy_init=True))

    Args:
        ann_file: A list below ``data_root``; or several by the role of their pictures,
            ``'query'`` (sketches) and ``'gallery'`` (photos), which come in this order.
        class_file: The class file, below ``data_root``.
        num_classes: Number of classes that the class file must have; None accepts any.
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.

    Raises:
        FileNotFoundError: A list, the class file or a picture is missing. Pictures are
            looked for when the lists are read, so a training does not end at its test.
        ValueError: A line is malformed, a list is empty, a label has no class, the
            number of classes is another one, or a role is unknown.
    """

    METAINFO: dict = {}

    def __init__(
        self,
        ann_file: str | Mapping[str, str],
        class_file: str,
        num_classes: int | None = None,
        **kwargs,
    ) -> None:
        self._lists: dict[str | None, str] = {None: ann_file}
        if isinstance(ann_file, Mapping):
            self._lists = dict(ann_file)
            if not self._lists or not set(self._lists) <= set(ROLES):
                raise ValueError(
                    f'ann_file must have lists for roles of {ROLES}, got {ann_file!r}'
                )
        self.class_file = class_file
        self.num_classes = num_classes
        super().__init__(ann_file='', **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the lists and the class file, whose names become ``metainfo``.

        Returns:
            Per picture ``img_path``, ``gt_label``, the ``line`` of the list, and its
            ``role``, if the list has one.
        """
        root = Path(self.data_root or '.')
        classes = read_class_file(root / self.class_file, self.num_classes)
        self._metainfo['classes'] = classes
        samples = []
        for role, name in self._lists.items():
            rows = self._read_list(root, root / name, len(classes))
            if role is not None:
                rows = [dict(row, role=role) for row in rows]
            samples += rows
        return samples

    def _read_list(self, root: Path, path: Path, num_classes: int) -> list[dict]:
        samples = []
        for number, row in enumerate(read_lines(path), start=1):
            name, _, label = row.rpartition(' ')
            if not name or not label.isdigit():
                raise ValueError(
                    f'{path}:{number} must be a path and a label, got {row[:120]!r}'
                )
            if int(label) >= num_classes:
                raise ValueError(
                    f'{path}:{number} has the label {label}, but {self.class_file} has '
                    f'{num_classes} classes; give the class file of this list'
                )
            samples.append(
                dict(
                    img_path=str(root / name),
                    gt_label=int(label),
                    line=f'{path}:{number}',
                )
            )
        if not samples:
            raise ValueError(f'the list {path} is empty')
        _check_pictures(root, samples)
        return samples


def _check_pictures(root: Path, samples: list[dict]) -> None:
    """Looks for the pictures of a list; reads every folder once."""
    names: dict[str, set[str]] = {}
    missing = []
    for sample in samples:
        folder, name = os.path.split(sample['img_path'])
        if folder not in names:
            found = os.listdir(folder) if os.path.isdir(folder) else ()
            names[folder] = set(found)
        if name not in names[folder]:
            missing.append(sample)
    if missing:
        raise FileNotFoundError(
            f'{missing[0]["img_path"]} does not exist, but {missing[0]["line"]} names '
            f'it below data_root={str(root)!r}; of the {len(samples)} pictures of this '
            f'list {len(missing)} are missing'
        )
