# Needs mmsegmentation.
"""Mapillary Vistas with the classes of Cityscapes."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.registry import DATASETS
from mmseg.datasets import CityscapesDataset, MapillaryDataset_v1

IGNORED = 255
NUM_VALUES = 256

SOURCES = {
    'road': ('Road', 'Lane Marking - General', 'Manhole'),
    'sidewalk': ('Curb', 'Sidewalk'),
    'building': ('Building',),
    'wall': ('Wall',),
    'fence': ('Fence',),
    'pole': ('Pole', 'Utility Pole'),
    'traffic light': ('Traffic Light',),
    'traffic sign': ('Traffic Sign (Front)',),
    'vegetation': ('Vegetation',),
    'terrain': ('Terrain',),
    'sky': ('Sky',),
    'person': ('Person',),
    'rider': ('Bicyclist', 'Motorcyclist', 'Other Rider'),
    'car': ('Car',),
    'truck': ('Truck',),
    'bus': ('Bus',),
    'train': ('On Rails',),
    'motorcycle': ('Motorcycle',),
    'bicycle': ('Bicycle',),
}
"""Classes of Mapillary Vistas v1.2 that make up each class of Cityscapes."""


@DATASETS.register_module()
class MapillaryCityscapesDataset(MapillaryDataset_v1):
    """mmsegmentation's ``MapillaryDataset_v1`` with Cityscapes' 19 classes.

    For training one network on Mapillary Vistas v1.2 and then on Cityscapes (Meta
    Prompts, section 4.1.2). The mapping of the 66 classes is that of the released Meta
    Prompts; classes that are not in ``SOURCES`` are ignored. So are values above 65,
    which become road in the released code.

    ``LoadMappedLabels`` renumbers much faster than ``LoadAnnotations``; the result is
    the same.

    Arguments are those of ``MapillaryDataset_v1``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='MapillaryCityscapesDataset', data_root='data/mapillary',
        ...     data_prefix=dict(
        ...         img_path='training/images', seg_map_path='training/v1.2/labels'),
        ...     lazy_init=True))
        >>> len(dataset.metainfo['classes'])
        19
    """

    METAINFO: dict = dict(CityscapesDataset.METAINFO)

    @classmethod
    def get_label_map(cls, new_classes: Sequence[str] | None = None) -> dict[int, int]:
        """Maps every value of a class map to a class of Cityscapes.

        Args:
            new_classes: Must be Cityscapes' classes, or None.

        Returns:
            Number in Cityscapes or 255, by the value in Mapillary Vistas.

        Raises:
            ValueError: Other classes are asked for.
        """
        classes = cls.METAINFO['classes']
        if new_classes is not None and tuple(new_classes) != tuple(classes):
            raise ValueError(
                f'{cls.__name__} has the classes of Cityscapes, so metainfo cannot ask '
                f'for {tuple(new_classes)}; MapillaryDataset_v1 has all 66 to choose '
                'from'
            )
        numbers = {
            name: number
            for number, name in enumerate(MapillaryDataset_v1.METAINFO['classes'])
        }
        mapping = dict.fromkeys(range(NUM_VALUES), IGNORED)
        for number, target in enumerate(classes):
            mapping |= dict.fromkeys((numbers[s] for s in SOURCES[target]), number)
        return mapping
