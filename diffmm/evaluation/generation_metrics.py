"""Metrics of the two stages of Stable Diffusion: autoencoder and denoiser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.registry import METRICS

# Given to an exact reconstruction, whose ratio is infinite.
_MAX_PSNR = 100.0


@METRICS.register_module()
class ReconstructionPSNR(BaseMetric):
    """Peak signal-to-noise ratio of reconstructed images in dB, mean over images.

    Images and reconstructions have 8 bits, like the pictures that people look at.

    Example:
        >>> metric = METRICS.build(dict(type='ReconstructionPSNR'))
        >>> image = torch.zeros(3, 8, 8, dtype=torch.uint8)
        >>> metric.process(dict(inputs=[image]), [dict(reconstruction=image + 1)])
        >>> {key: round(value, 2) for key, value in metric.evaluate(1).items()}
        {'reconstruction/PSNR': 48.13}
    """

    default_prefix = 'reconstruction'

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Compares a batch.

        Args:
            data_batch: ``inputs``, images (3, H, W) uint8.
            data_samples: Per image ``reconstruction``, the same.
        """
        for image, sample in zip(data_batch['inputs'], data_samples, strict=True):
            difference = image.float() - sample['reconstruction'].float()
            error = difference.square().mean().item()
            peak = 10 * np.log10(255.0**2 / error) if error else _MAX_PSNR
            self.results.append(min(peak, _MAX_PSNR))

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        """Averages over images.

        Args:
            results: One value for each image.

        Returns:
            ``PSNR``.
        """
        return dict(PSNR=float(np.mean(results)))


@METRICS.register_module()
class DenoisingError(BaseMetric):
    """Mean squared error of the predicted noise by timestep.

    ``caption_gain`` is the rise of the error, in percent, when every image gets the
    caption of another one. Zero means that the model ignores the text.

    Example:
        >>> metric = METRICS.build(dict(type='DenoisingError'))
        >>> sample = dict(timesteps=(50,), errors=(0.2,), errors_swapped=(0.3,))
        >>> metric.process({}, [sample])
        >>> {key: round(value, 3) for key, value in metric.evaluate(1).items()}
        {'denoising/mse_t50': 0.2, 'denoising/mse': 0.2, 'denoising/caption_gain': 50.0}
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
