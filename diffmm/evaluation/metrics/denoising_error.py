"""How well a text-to-image model predicts noise, and whether it reads the text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS


@METRICS.register_module()
class DenoisingError(BaseMetric):
    """Mean squared error of the predicted noise by timestep.

    ``caption_gain`` is by how much, in per cent, the error rises when every image
    gets the caption of another one; zero means that the text is ignored.
    """

    default_prefix = 'denoising'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Collects the errors of a batch.

        Args:
            data_batch: Unused.
            data_samples: Per image ``timesteps``, ``errors`` and ``errors_swapped``, as
                ``TextToImageDiffusion.predict`` returns them.
        """
        self.results += [
            (sample['timesteps'], sample['errors'], sample['errors_swapped'])
            for sample in data_samples
        ]

    def compute_metrics(self, results: list[tuple]) -> dict[str, float]:
        """Averages over images.

        Args:
            results: Timesteps and errors of every image.

        Returns:
            ``mse``, ``mse_t<timestep>`` and ``caption_gain``.
        """
        timesteps = results[0][0]
        own, swapped = (
            np.mean([result[column] for result in results], axis=0) for column in (1, 2)
        )
        metrics = {
            f'mse_t{timestep}': float(error)
            for timestep, error in zip(timesteps, own, strict=True)
        }
        metrics['mse'] = float(own.mean())
        metrics['caption_gain'] = float(100 * (swapped.mean() / own.mean() - 1))
        return metrics
