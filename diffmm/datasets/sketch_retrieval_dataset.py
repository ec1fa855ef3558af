"""Data set of sketches or photos that a list of zero-shot retrieval names."""

from __future__ import annotations

from pathlib import Path

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from diffmm.utils.class_names import read_class_file, read_lines

ROLES = ('query', 'gallery')


@DATASETS.register_module()
class SketchRetrievalDataset(BaseDataset):
    """Sketches, or photos, of one list of SAKE's zero-shot splits.

    For Sketchy, TU-Berlin and QuickDraw-Extended. A line of the list is a path, which
    may contain spaces, and a label::

        256x256/sketch/tx_000000000000_ready/airplane/n02691156_10151-1.png 0

    A line of the class file is a name, perhaps with its label behind it. Seen and
    unseen classes are numbered separately. Queries and gallery are two such data sets.

    The pipeline gets ``img_path``, ``gt_label`` and ``role``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='SketchRetrievalDataset', data_root='data/sketchy',
        ...     ann_file='zeroshot2/sketch_tx_000000000000_ready_filelist_zero.txt',
        ...     class_file='zeroshot2/cname_cid_zero.txt', lazy_init=True))

    Args:
        ann_file: The list, below ``data_root``.
        class_file: The class file, below ``data_root``.
        num_classes: Number of classes that the class file must have; None accepts any.
        role: ``'query'`` or ``'gallery'``: what the pictures are to a metric.
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A line is malformed, the list is empty, a label has no class, the
            number of classes is another one, or the role is none.
    """

    METAINFO: dict = {}

    def __init__(
        self,
        ann_file: str,
        class_file: str,
        num_classes: int | None = None,
        role: str = 'gallery',
        **kwargs,
    ) -> None:
        if role not in ROLES:
            raise ValueError(f'role must be one of {ROLES}, got {role!r}')
        self.role = role
        self.class_file = class_file
        self.num_classes = num_classes
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the list and the class file, whose names become ``metainfo``.

        Returns:
            Per picture ``img_path``, ``gt_label``, ``role`` and the ``line`` of the
            list.
        """
        root = Path(self.data_root or '.')
        classes = read_class_file(root / self.class_file, self.num_classes)
        self._metainfo['classes'] = classes
        path = Path(self.ann_file)
        rows = read_lines(path)
        samples = []
        for number, row in enumerate(rows, start=1):
            name, _, label = row.rpartition(' ')
            if not name or not label.isdigit():
                raise ValueError(
                    f'{path}:{number} must be a path and a label, got {row[:120]!r}'
                )
            if int(label) >= len(classes):
                raise ValueError(
                    f'{path}:{number} has the label {label}, but {self.class_file} has '
                    f'{len(classes)} classes; give the class file of this list'
                )
            samples.append(
                dict(
                    img_path=str(root / name),
                    gt_label=int(label),
                    role=self.role,
                    line=f'{path}:{number}',
                )
            )
        if not samples:
            raise ValueError(f'the list {path} is empty')
        return samples

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
        if not Path(info['img_path']).is_file():
            raise FileNotFoundError(
                f'{info["img_path"]} does not exist, but {info["line"]} names it'
            )
        return self.pipeline(info)
