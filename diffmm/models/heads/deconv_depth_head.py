# Needs mmsegmentation.
"""The depth decoder of Meta Prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from mmseg.models.builder import build_loss
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.models.decode_heads.vpd_depth_head import VPDDepthDecoder, VPDDepthHead
from torch import Tensor, nn


@MODELS.register_module()
class DeconvDepthHead(VPDDepthHead):
    """Deconvolutions from one feature map to depth.

    Meta Prompts' released depth decoder: deconvolutions that double the map, a 3x3
    convolution, then two more with ReLU between them, whose sigmoid times
    ``max_depth`` is depth. VPD's decoder fuses maps first, which a neck has done here,
    and up-samples last, which a map four times as fine does not need.

    With 50 channels, the deconvolutions and the first convolution have 70,656
    parameters, the others 333,697.

    Example:
        >>> head = MODELS.build(dict(type='DeconvDepthHead', in_channels=50))
        >>> head(torch.zeros(1, 50, 12, 16)).shape
        torch.Size([1, 1, 96, 128])

    Args:
        in_channels: Channels of the map. Meta Prompts: 50, one per prompt.
        channels: Channels of the convolutions. VPD and Meta Prompts: 192.
        num_deconv_filters: Channels of every deconvolution. Each doubles the map, so
            three lead from stride 8 to 1.
        max_depth: Largest depth in meters: 10 (NYUv2), 80 (KITTI).
        feature_scale: Factor by which the map is resized (bilinear) first: the inverse
            of the estimator's ``input_scale``. 480/512 (NYUv2), 352/448 (KITTI).
        loss_decode: Config of the loss.
        init_cfg: As in every mmengine module. Released: a small normal distribution.

    Raises:
        ValueError: If ``max_depth`` or ``feature_scale`` is not positive.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int = 192,
        num_deconv_filters: Sequence[int] = (32, 32, 32),
        max_depth: float = 10.0,
        feature_scale: float = 1.0,
        loss_decode: Mapping | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        if max_depth <= 0 or feature_scale <= 0:
            raise ValueError(
                f'max_depth={max_depth} and feature_scale={feature_scale} must be '
                'positive'
            )
        layers = ['Conv2d', 'ConvTranspose2d']
        default = dict(type='Normal', std=0.001, layer=layers)
        # Skips the host's own __init__, which builds VPD's layers.
        super(BaseDecodeHead, self).__init__(default if init_cfg is None else init_cfg)
        self.in_channels = in_channels
        self.max_depth = max_depth
        self.feature_scale = feature_scale
        self.align_corners = False  # the host resizes depth with it
        self.decoder = VPDDepthDecoder(
            in_channels=in_channels,
            out_channels=channels,
            num_deconv_layers=len(num_deconv_filters),
            num_deconv_filters=num_deconv_filters,
        )
        self.decoder.up_sample = nn.Identity()
        self.depth_pred_layer = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 1, 3, padding=1),
        )
        self.loss_decode = build_loss(loss_decode or dict(type='BatchSiLogLoss'))

    def forward(self, inputs: Tensor | Sequence[Tensor]) -> Tensor:
        """Estimates depth.

        Args:
            inputs: The map (B, C, h, w), or a sequence of this one map.

        Returns:
            Depth in meters, shape (B, 1, H, W): with three deconvolutions eight times
            the resized map's size.

        Raises:
            ValueError: If there is more than one map, or its channels are not
                ``in_channels``.
        """
        maps = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        channels = [feature.shape[1] for feature in maps]
        if channels != [self.in_channels]:
            raise ValueError(
                f'DeconvDepthHead takes one map of {self.in_channels} channels, got '
                f'{len(maps)} of {channels}; a neck has to fuse them'
            )
        (feature,) = maps
        # 1. Resize it to an eighth of the image that the estimator was given.
        if self.feature_scale != 1:
            size = [round(side * self.feature_scale) for side in feature.shape[-2:]]
            feature = F.interpolate(feature, size, mode='bilinear', align_corners=False)
        # 2. Double it, and 3. read the depth.
        hidden = self.decoder(feature)  # (B, channels, H, W)
        return torch.sigmoid(self.depth_pred_layer(hidden)) * self.max_depth
