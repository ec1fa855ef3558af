# Needs mmsegmentation.
"""Depth errors, image by image."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.logging import print_log
from mmengine.registry import METRICS
from mmseg.evaluation import DepthMetric
from torch import Tensor

from ..utils.text_table import format_table

_NYU_SIZE = (480, 640)
# First and last row, first and last column, as shares of the picture.
_KITTI_CROPS = dict(
    garg_crop=((0.40810811, 0.99189189), (0.03594771, 0.96405229)),
    eigen_crop=((0.3324324, 0.91351351), (0.0359477, 0.96405229)),
)


@METRICS.register_module()
class PerImageDepthMetric(DepthMetric):
    """mmsegmentation's ``DepthMetric`` with some corrections.

    The errors are the host's (VPD's released formulas): those of an image over its
    valid pixels, then the mean over images. The differences:

    * ``depth_metrics`` works; the host raises ``TypeError``;
    * an image without a valid pixel is left out and counted. In the host it turns
      every figure into NaN;
    * predictions that are no depth are replaced, as in VPD's released code: infinite
      ones by ``max_depth_eval``; NaN, zero and negative ones by ``min_depth_eval``. A
      warning gives their number. Valid predictions are not clipped;
    * errors are computed in double precision, image by image, so memory and
      communication do not grow with the number of pixels;
    * ``crop_type='nyu_crop'`` refuses images of another size than NYUv2's, and
      ``'garg_crop'`` and ``'eigen_crop'`` (KITTI) exist;
    * files in ``output_dir`` are named ``<folder>_<file>.png``, because file names of
      NYUv2 repeat in its folders, and their values are rounded.

    The repeated samples with which a distributed sampler fills its last batch are
    dropped, as in every metric of MMEngine. An image that was left out still has a
    result (None), so the count is right.

    Example:
        >>> metric = METRICS.build(dict(
        ...     type='PerImageDepthMetric', depth_metrics=['rmse'], max_depth_eval=80))

    Args:
        depth_metrics: Which of ``METRICS`` to report; all by default.
        min_depth_eval: Valid targets are above it, in meters. VPD: 1e-3.
        max_depth_eval: Valid targets are below it. VPD: 10 for NYUv2, 80 for KITTI.
        crop_type: ``'nyu_crop'`` evaluates rows 45 to 470 and columns 41 to 600.
            ``'garg_crop'`` (Garg et al., 2016) evaluates shares of the picture: after
            `KBCrop`, rows 143 to 348 and columns 43 to 1171 of 352x1216.
            ``'eigen_crop'`` (Eigen et al., 2014; Marigold): there, rows 117 to 320 and
            columns 43 to 1171.
        **kwargs: Those of ``DepthMetric``.

    Raises:
        ValueError: On an unknown metric, or a range that is empty, infinite or reaches
            zero.
    """

    def __init__(
        self,
        depth_metrics: Sequence[str] | None = None,
        min_depth_eval: float = 1e-3,
        max_depth_eval: float = 10.0,
        crop_type: str | None = None,
        **kwargs,
    ) -> None:
        chosen = self.METRICS if depth_metrics is None else tuple(depth_metrics)
        unknown = sorted(set(chosen) - set(self.METRICS))
        if unknown or not chosen:
            raise ValueError(
                f'depth_metrics must be some of {self.METRICS}, got {depth_metrics!r}'
            )
        if not 0 < min_depth_eval < max_depth_eval < float('inf'):
            raise ValueError(
                '0 < min_depth_eval < max_depth_eval < inf must hold, got '
                f'{min_depth_eval} and {max_depth_eval}'
            )
        super().__init__(
            min_depth_eval=min_depth_eval,
            max_depth_eval=max_depth_eval,
            # The host refuses a crop that it does not know.
            crop_type=None if crop_type in _KITTI_CROPS else crop_type,
            **kwargs,
        )
        self.crop_type = crop_type
        self.metrics = chosen

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Measures a batch.

        Args:
            data_batch: Unused.
            data_samples: Per image ``pred_depth_map`` and, unless ``format_only``,
                ``gt_depth_map``, each with ``data`` of shape (1, H, W) in meters.

        Raises:
            ValueError: An image has no depth map to be compared with.
        """
        for sample in data_samples:
            pred = sample['pred_depth_map']['data'].squeeze(0)
            if not self.format_only:
                self._check_target(sample)
                target = sample['gt_depth_map']['data'].squeeze(0)
                path = sample.get('img_path', 'an image')
                self.results.append(self._measure(pred, target, path))
            if self.output_dir is not None:
                self._write(pred, sample['img_path'])

    def compute_metrics(self, results: list[dict | None]) -> dict[str, float]:
        """Averages over images.

        Args:
            results: Errors and number of replaced predictions of every image, None for
                an image without valid depth.

        Returns:
            The chosen metrics.

        Raises:
            ValueError: If no image has valid depth.
        """
        if self.format_only:
            print_log(f'depth maps are in {self.output_dir}', logger='current')
            return {}
        measured = [result for result in results if result is not None]
        if not measured:
            raise ValueError(
                f'none of {len(results)} images has depth between '
                f'{self.min_depth_eval} and {self.max_depth_eval} m to evaluate '
                f'(crop_type={self.crop_type!r}); check the depth maps and their '
                'depth_rescale_factor'
            )
        self._warn(len(results) - len(measured), measured)
        metrics = {
            name: float(np.mean([result[name] for result in measured]))
            for name in self.metrics
        }
        row = [f'{value:.5g}' for value in metrics.values()]
        table = format_table(tuple(metrics), [row])
        print_log(f'mean of {len(measured)} images:\n{table}', logger='current')
        return metrics

    def _check_target(self, sample: dict) -> None:
        if 'gt_depth_map' not in sample:
            path = sample.get('depth_map_path')
            state = 'its list names none' if path is None else f'{path} is not there'
            raise ValueError(
                f'{sample.get("img_path", "an image")} has no depth map to be compared '
                f'with ({state}). To predict without: test_evaluator.format_only=True '
                'and test_evaluator.output_dir=FOLDER'
            )

    def _measure(self, pred: Tensor, target: Tensor, path: str) -> dict | None:
        if pred.shape != target.shape:
            raise ValueError(
                f'{path}: the prediction is {tuple(pred.shape)} and the depth map '
                f'{tuple(target.shape)} pixels; load the depth map after Resize in '
                'the test pipeline'
            )
        if self.crop_type == 'nyu_crop' and tuple(target.shape) != _NYU_SIZE:
            raise ValueError(
                f"crop_type='nyu_crop' is for images of {_NYU_SIZE} pixels, {path} "
                f'has {tuple(target.shape)}; set crop_type=None'
            )
        mask = self._get_eval_mask(target).cpu()
        if not mask.any():
            return None
        # 1. Valid pixels, in double precision. (n,)
        pred, target = (depth.cpu()[mask].double() for depth in (pred, target))
        # 2. Predictions that are no depth.
        infinite, bad = pred == float('inf'), ~(pred > 0)
        pred = torch.where(infinite, self.max_depth_eval, pred)
        pred = torch.where(bad, self.min_depth_eval, pred)
        # 3. Errors.
        replaced = int(infinite.sum() + bad.sum())
        return dict(self._calc_all_metrics(target, pred), replaced=replaced)

    def _get_eval_mask(self, gt_depth: Tensor) -> Tensor:
        mask = super()._get_eval_mask(gt_depth)
        if self.crop_type in _KITTI_CROPS:
            rows, columns = _KITTI_CROPS[self.crop_type]
            inside = torch.zeros_like(mask)
            inside[_share(rows, mask, 0), _share(columns, mask, 1)] = True
            mask &= inside
        return mask

    def _warn(self, num_skipped: int, measured: list[dict]) -> None:
        replaced = sum(result['replaced'] for result in measured)
        if num_skipped:
            warnings.warn(
                f'{num_skipped} of {num_skipped + len(measured)} images have no depth '
                f'between {self.min_depth_eval} and {self.max_depth_eval} m to '
                'evaluate and are left out of the means',
                stacklevel=3,
            )
        if replaced:
            warnings.warn(
                f'{replaced} predicted pixels are no depth (not finite or not '
                f'positive) and were replaced by {self.min_depth_eval} or '
                f'{self.max_depth_eval} m; the training has probably diverged',
                stacklevel=3,
            )

    def _write(self, pred: Tensor, path: str) -> None:
        source = Path(path)
        units = pred.cpu().double().numpy() * self.depth_scale_factor
        limit = np.iinfo(np.uint16).max
        units = np.nan_to_num(units, posinf=limit).round().clip(0, limit)
        name = f'{source.parent.name}_{source.stem}.png'.lstrip('_')
        if not cv2.imwrite(str(Path(self.output_dir) / name), units.astype(np.uint16)):
            raise OSError(f'{Path(self.output_dir) / name} cannot be written')


def _share(limits: tuple[float, float], image: Tensor, dim: int) -> slice:
    """Cuts a dimension between two shares of its length."""
    return slice(*(int(limit * image.shape[dim]) for limit in limits))
