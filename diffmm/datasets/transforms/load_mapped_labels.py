# Needs mmsegmentation.
"""Class maps with renumbered classes, fast."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from mmengine.registry import TRANSFORMS
from mmseg.datasets.transforms import LoadAnnotations


@TRANSFORMS.register_module()
class LoadMappedLabels(LoadAnnotations):
    """mmsegmentation's ``LoadAnnotations`` that renumbers by one look-up.

    The host goes through the whole map once for every entry of the data set's
    ``label_map``. Pictures of Mapillary Vistas have ten million pixels and more, and
    66 classes. The result is the same.

    Arguments and keys are those of ``LoadAnnotations``.
    """

    def transform(self, results: dict) -> dict:
        """Reads the class map.

        Args:
            results: With ``seg_map_path``, ``label_map``, ``reduce_zero_label`` and
                ``seg_fields``.

        Returns:
            The same with ``gt_seg_map`` (H, W) uint8.
        """
        mapping = results.get('label_map')
        results['label_map'] = None
        results = super().transform(results)
        results['label_map'] = mapping
        if mapping is not None:
            results['gt_seg_map'] = _table(mapping)[results['gt_seg_map']]
        return results


def _table(mapping: Mapping[int, int]) -> np.ndarray:
    """The new number of every number that a byte can hold."""
    table = np.arange(256, dtype=np.uint8)
    table[list(mapping)] = list(mapping.values())
    return table
