"""One test over several data sets, each with a metric of its own."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS


@METRICS.register_module()
class BySourceMetric(BaseMetric):
    """Measures each data set of a ``ConcatDataset`` with its own metric.

    A data sample says which data set it is from by ``source`` in its metainfo, which
    the data sets of DiffMM's lists put there (``source='nyu'``). Figures are named
    ``nyu/abs_rel``.

    Example:
        >>> metric = METRICS.build(dict(type='BySourceMetric', parts=dict(
        ...     nyu=dict(type='AlignedDepthMetric', crop_type='nyu_crop'),
        ...     kitti=dict(type='AlignedDepthMetric', max_depth_eval=80))))
        >>> list(metric.parts)
        ['nyu', 'kitti']

    Args:
        parts: Config of the metric of every data set, by its name.
        **kwargs: Of ``mmengine.evaluator.BaseMetric``.

    Raises:
        ValueError: There is no metric. In a test: a data sample without a source, or
            from one without a metric.
    """

    def __init__(self, parts: Mapping[str, Mapping], **kwargs) -> None:
        super().__init__(**kwargs)
        if not parts:
            raise ValueError(
                'parts must have a metric for each source, such as dict(nyu=dict('
                f"type='AlignedDepthMetric')), got {parts!r}"
            )
        self.parts = {name: METRICS.build(dict(one)) for name, one in parts.items()}

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Measures a batch.

        Args:
            data_batch: Passed on.
            data_samples: Each with its ``source``.
        """
        for sample in data_samples:
            source = sample.get('source')
            if source not in self.parts:
                raise ValueError(
                    f'{sample.get("img_path", "a sample")} is from the source '
                    f'{source!r}, and there are metrics for {list(self.parts)}: give '
                    "the data set `source` and put 'source' into the packing "
                    "transform's meta_keys"
                )
            part = self.parts[source]
            part.dataset_meta = self.dataset_meta
            part.process(data_batch, [sample])
            self.results += [(source, result) for result in part.results]
            part.results.clear()

    def compute_metrics(self, results: list[tuple]) -> dict[str, float]:
        """Computes the figures of every data set.

        Args:
            results: Sources and what their metrics noted.

        Returns:
            The figures, ``source/figure``.
        """
        figures = {}
        for name, part in self.parts.items():
            own = [result for source, result in results if source == name]
            if not own:
                warnings.warn(
                    f'the test had no sample of {name!r}, so it has no figures',
                    stacklevel=2,
                )
                continue
            found = part.compute_metrics(own)
            figures |= {f'{name}/{key}': value for key, value in found.items()}
        return figures
