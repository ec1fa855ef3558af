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

    Meta Prompts' released depth decoder, which is VPD's without the fusion of maps in
    front (a neck did that) and without the up-sampling behind (the map is four
    times as fine): deconvolutions that double the map, two 3x3 convolutions with ReLU
    between, and a last one whose sigmoid times ``max_depth`` is depth.

    With 50 channels, the deconvolutions and the first convolution have 70,656
    parameters, the others 333,697.

    Args:
        in_channels: Channels of the map. Meta Prompts: 50, one a prompt.
        channels: Channels of the convolutions. VPD and Meta Prompts: 192.
        num_deconv_filters: Channels of every deconvolution, each of which doubles the
            map: three lead from stride 8 to 1.
        max_depth: Metres: 10 (NYUv2), 80 (KITTI).
        feature_scale: Factor by which the map is resized (bilinear) first, one by the
            ``input_scale`` of the estimator: 480/512 (NYUv2), 352/448 (KITTI).
        loss_decode: Config of the loss.
        align_corners: Of the resizing of depth to the annotation's size.
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
        align_corners: bool = False,
        init_cfg: Mapping | None = None,
    ) -> None:
        if max_depth <= 0 or feature_scale <= 0:
            raise ValueError(
                f'max_depth={max_depth} and feature_scale={feature_scale} must be '
                'positive'
            )
        layers = ['Conv2d', 'ConvTranspose2d']
        default = dict(type='Normal', std=0.001, layer=layers)
        # Past the host's own __init__, which builds VPD's layers.
        super(BaseDecodeHead, self).__init__(default if init_cfg is None else init_cfg)
        self.in_channels = in_channels
        self.max_depth = max_depth
        self.feature_scale = feature_scale
        self.align_corners = align_corners
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
            inputs: The map (B, C, h, w), or a sequence of nothing but it.

        Returns:
            Depth in metres, shape (B, 1, H, W), eight times the resized map's size for
            three deconvolutions.

        Raises:
            ValueError: If there is more than one map, or one of other channels.
        """
        maps = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        channels = [feature.shape[1] for feature in maps]
        if channels != [self.in_channels]:
            raise ValueError(
                f'DeconvDepthHead takes one map of {self.in_channels} channels, got '
                f'{len(maps)} of {channels}; a neck has to fuse them'
            )
        (feature,) = maps
        # 1. To an eighth of the image that the estimator was given.
        if self.feature_scale != 1:
            size = [round(side * self.feature_scale) for side in feature.shape[-2:]]
            feature = F.interpolate(feature, size, mode='bilinear', align_corners=False)
        # 2. Double it, and 3. read the depth.
        hidden = self.decoder(feature)  # (B, channels, H, W)
        return torch.sigmoid(self.depth_pred_layer(hidden)) * self.max_depth
