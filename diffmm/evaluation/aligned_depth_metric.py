# Needs mmsegmentation.
"""Errors of depth that is known up to scale and shift."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from mmengine.registry import METRICS
from torch import Tensor

from .per_image_depth_metric import PerImageDepthMetric

ALIGNMENTS = ('depth', 'disparity', 'none')
# Of files with relative depth, as the demo writes them.
_RELATIVE_UNITS = 65535


@METRICS.register_module()
class AlignedDepthMetric(PerImageDepthMetric):
    """``PerImageDepthMetric`` of predictions that are brought to meters first.

    Each picture gets the scale and the shift with the smallest squared error over its
    valid pixels (Marigold, section 4.1); then its depth is clipped. The scale may be
    negative, as in the released code.

    The ten errors are those of the released Marigold: ``i_rmse`` is the root mean
    square of 1 / depth, and ``silog`` is in percent and takes the whole mean off (the
    hosts' takes half of its square off).

    Files in ``output_dir`` hold what the model predicted, before it is brought to
    meters: 65535 for 1, the far end. With ``alignment='none'`` they hold meters, as
    those of the base class.

    Example:
        >>> metric = METRICS.build(dict(type='AlignedDepthMetric'))
        >>> depth = torch.rand(1, 8, 8) + 1
        >>> sample = dict(pred_depth_map=dict(data=depth / 7 - 3),
        ...               gt_depth_map=dict(data=depth))
        >>> metric.process({}, [sample])
        >>> round(float(metric.results[0]['abs_rel']), 4)
        0.0

    Args:
        alignment: ``'depth'`` fits depth (Marigold, ADDP), ``'disparity'`` 1 / depth,
            for models that predict it; ``'none'`` takes predictions as meters.
        clip_range: Smallest and largest depth of an aligned prediction, in meters; None
            for ``min_depth_eval`` and ``max_depth_eval``. Marigold clips DIODE to 0.6
            and 350 and evaluates whatever its mask holds.
        max_align_side: Fit on every so many pixels that no side is longer; None for
            all. Marigold: 1024 for ETH3D.
        **kwargs: Of `PerImageDepthMetric`.

    Raises:
        ValueError: The alignment is unknown, the range is empty, a side is not
            positive, or as in the base class.
    """

    METRICS = (
        *('abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'log10'),
        *('d1', 'd2', 'd3', 'i_rmse', 'silog'),
    )

    def __init__(
        self,
        *args,
        alignment: str = 'depth',
        clip_range: tuple[float, float] | None = None,
        max_align_side: int | None = None,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        if alignment not in ALIGNMENTS:
            raise ValueError(
                f'alignment must be one of {ALIGNMENTS}, got {alignment!r}'
            )
        own = (self.min_depth_eval, self.max_depth_eval)
        self.clip_range = own if clip_range is None else tuple(clip_range)
        if not 0 < self.clip_range[0] < self.clip_range[1]:
            raise ValueError(
                f'clip_range must be two rising depths above 0, got {clip_range}'
            )
        if max_align_side is not None and max_align_side < 1:
            raise ValueError(f'max_align_side must be positive, got {max_align_side}')
        self.alignment = alignment
        self.max_align_side = max_align_side

    def _measure(self, pred: Tensor, target: Tensor, path: str) -> dict | None:
        if pred.shape == target.shape:
            pred = self._align(pred, target, self._get_eval_mask(target))
            pred = pred.clamp(*self.clip_range)
        return super()._measure(pred, target, path)

    def _write(self, pred: Tensor, path: str) -> None:
        if self.alignment != 'none':
            pred = pred.double() * (_RELATIVE_UNITS / self.depth_scale_factor)
        super()._write(pred, path)

    def _align(self, pred: Tensor, target: Tensor, valid: Tensor) -> Tensor:
        if self.alignment == 'none':
            return pred
        if self.alignment == 'depth':
            return align_depth(pred, target, valid, self.max_align_side)
        # As released: where the prediction is 0, it is left out of the fit.
        valid = valid & (pred > 0) & (target > 0)
        disparity = 1 / torch.where(target > 0, target, 1)
        aligned = align_depth(pred, disparity, valid, self.max_align_side)
        return 1 / aligned.clamp(min=1e-3)

    def _calc_all_metrics(self, gt_depth: Tensor, pred_depth: Tensor) -> dict:
        difference = pred_depth - gt_depth
        ratio = torch.maximum(gt_depth / pred_depth, pred_depth / gt_depth)
        log = pred_depth.log() - gt_depth.log()

        def root(values: Tensor) -> Tensor:
            return values.square().mean().sqrt()

        return dict(
            abs_rel=(difference.abs() / gt_depth).mean(),
            sq_rel=(difference.square() / gt_depth).mean(),
            rmse=root(difference),
            rmse_log=root(log),
            log10=(pred_depth.log10() - gt_depth.log10()).abs().mean(),
            d1=(ratio < 1.25).double().mean(),
            d2=(ratio < 1.25**2).double().mean(),
            d3=(ratio < 1.25**3).double().mean(),
            i_rmse=root(1 / pred_depth - 1 / gt_depth),
            silog=100 * log.var(correction=0).sqrt(),
        )


def align_depth(
    pred: Tensor, target: Tensor, valid: Tensor, max_side: int | None = None
) -> Tensor:
    """Fits a scale and a shift by least squares.

    Args:
        pred: Relative depth, shape (H, W).
        target: Depth in meters, same shape.
        valid: Which pixels count, bool, same shape.
        max_side: Fit on a grid of nearest pixels whose sides are not longer; None for
            all pixels.

    Returns:
        The prediction in meters, double precision; the constant that fits best if the
        prediction is constant.
    """
    pred = pred.double()
    maps = [pred, target.double(), valid.double()]
    longest = max(pred.shape)
    if max_side is not None and longest > max_side:
        maps = [
            F.interpolate(each[None, None], scale_factor=max_side / longest)[0, 0]
            for each in maps
        ]
    seen, known = (each[maps[2] > 0] for each in maps[:2])
    if not len(known):
        return pred
    centered = seen - seen.mean()
    spread = centered.square().sum()
    scale = (centered * known).sum() / spread if spread > 0 else torch.zeros(())
    return scale * (pred - seen.mean()) + known.mean()
