# Needs mmsegmentation.
"""Data sets with more classes than a byte can number."""

from __future__ import annotations

from importlib.resources import files

from mmengine.registry import DATASETS
from mmseg.datasets import BaseSegDataset

IGNORED = 65535
"""Label of what has no class, as the evaluation must know it (``ignore_index``)."""


def read_class_names(name: str) -> tuple[str, ...]:
    """Reads a list of class names that comes with DiffMM.

    Args:
        name: File in ``diffmm/datasets/class_names`` without its ending.

    Returns:
        The names; words for the same thing are separated by a comma.
    """
    path = files('diffmm.datasets') / 'class_names' / f'{name}.txt'
    return tuple(path.read_text(encoding='utf-8').splitlines())


class WideLabelDataset(BaseSegDataset):
    """Base of data sets whose class maps are TIFF files of 16 bits.

    Labels count from zero; 65535 is ignored. mmsegmentation's ``LoadAnnotations`` cuts
    labels to 8 bits: load them with ``LoadWideLabels``, and evaluate with
    ``ignore_index=65535``.
    """

    def __init__(
        self,
        img_suffix: str = '.jpg',
        seg_map_suffix: str = '.tif',
        ignore_index: int = IGNORED,
        **kwargs,
    ) -> None:
        super().__init__(
            img_suffix=img_suffix,
            seg_map_suffix=seg_map_suffix,
            ignore_index=ignore_index,
            reduce_zero_label=False,
            **kwargs,
        )


@DATASETS.register_module()
class PascalContext459Dataset(WideLabelDataset):
    """PASCAL-Context with all its 459 classes (PC-459), as ODISE prepares it.

    4,996 training and 5,104 validation pictures, those of the 59 classes.

    Arguments are those of mmsegmentation's ``BaseSegDataset``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='PascalContext459Dataset', data_root='data/pascal_ctx_d2',
        ...     data_prefix=dict(
        ...         img_path='images/validation',
        ...         seg_map_path='annotations_ctx459/validation'),
        ...     lazy_init=True))
        >>> len(dataset.metainfo['classes'])
        459
    """

    METAINFO: dict = dict(classes=read_class_names('pascal_context_459'))


@DATASETS.register_module()
class ADE20KFullDataset(WideLabelDataset):
    """The full ADE20K with 847 classes (ADE-847), as MaskFormer prepares it.

    25,574 training and 2,000 validation pictures of the release of January 17, 2021.

    Arguments are those of mmsegmentation's ``BaseSegDataset``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='ADE20KFullDataset', data_root='data/ade/ADE20K_2021_17_01',
        ...     data_prefix=dict(
        ...         img_path='images_detectron2/validation',
        ...         seg_map_path='annotations_detectron2/validation'),
        ...     lazy_init=True))
        >>> len(dataset.metainfo['classes'])
        847
    """

    METAINFO: dict = dict(classes=read_class_names('ade20k_847'))
