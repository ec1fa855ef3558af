"""Depth read off frozen features by a linear probe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from .depth import DepthImage
from .features import FeatureExtractor
from .image_input import Picture, resize_shorter_side, to_bgr
from .shipped import read_probe

# The probe that comes with the package: of `mini`, for the mini world.
SHIPPED = Path(__file__).parent / 'trained' / 'mini-depth-probe.safetensors'


class DepthProbe:
    """A frozen backbone whose features tell the logarithm of depth, linearly.

    It shows what a pre-trained backbone knows of depth before any training, and comes
    with the package: `DepthProbe.shipped` knows the mini world. For depth that can be
    relied on, train a depth model and use `DepthPredictor`.

    Example:
        >>> probe = DepthProbe.shipped()
        >>> probe('photo.jpg').save_colored('depth.png')

    Args:
        tensors: What `fit` finds: ``mean`` and ``std`` of the features and ``weight``,
            shape (C,) each; ``bias``, shape (); ``range``, the nearest and the farthest
            depth in meters, shape (2,).
        backbone: As for `get_backbone`.
        side: Pictures are resized so that their shorter side has this many pixels;
            ``mini`` was trained with 128.
        device: Where it runs.
    """

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        backbone: str = 'mini',
        side: int = 128,
        device: str = 'cpu',
    ) -> None:
        self.tensors = dict(tensors)
        self.side = side
        self.extractor = _extractor(backbone, device)

    @classmethod
    def shipped(cls, device: str = 'cpu') -> DepthProbe:
        """Loads the probe that comes with the package.

        Args:
            device: Where it runs.

        Raises:
            FileNotFoundError: This installation lacks it.
        """
        return cls(read_probe(SHIPPED, 'depth'), device=device)

    @classmethod
    def fit(
        cls,
        pictures: Iterable[tuple[np.ndarray, np.ndarray]],
        backbone: str = 'mini',
        side: int = 128,
        ridge: float = 1e-3,
        device: str = 'cpu',
    ) -> DepthProbe:
        """Fits a probe by ridge regression.

        Args:
            pictures: Pictures (H, W, 3), BGR, with their depth in meters, (H, W); 0 is
                unknown.
            backbone: As for `get_backbone`.
            side: As for the class.
            ridge: Penalty of the weights, beside features of variance 1.
            device: Where the backbone runs.

        Returns:
            The probe.
        """
        extractor = _extractor(backbone, device)
        rows, targets = [], []
        for picture, depth in pictures:
            features = _features(
                extractor, resize_shorter_side(picture, side)
            )  # (C, h, w)
            size = features.shape[:0:-1]
            # A cell counts if the depth of all its pixels is known.
            known = cv2.resize(
                (depth > 0).astype(np.float32), size, interpolation=cv2.INTER_AREA
            )
            small = cv2.resize(depth, size, interpolation=cv2.INTER_AREA)
            cells = torch.from_numpy(known == 1).flatten()
            rows.append(features.flatten(1).T[cells].double())
            targets.append(torch.from_numpy(small).flatten()[cells].double().log())
        rows, targets = torch.cat(rows), torch.cat(targets)  # (M, C) and (M,)
        mean, std, bias = rows.mean(0), rows.std(0) + 1e-6, targets.mean()
        rows = (rows - mean) / std
        gram = rows.T @ rows + ridge * len(rows) * torch.eye(rows.shape[1])
        weight = torch.linalg.solve(gram, rows.T @ (targets - bias))
        tensors = dict(mean=mean, std=std, weight=weight, bias=bias)
        tensors['range'] = torch.stack([targets.min(), targets.max()]).exp()
        tensors = {name: value.float() for name, value in tensors.items()}
        return cls(tensors, backbone, side, device)

    def __call__(self, picture: Picture) -> DepthImage:
        """Estimates depth.

        Args:
            picture: The picture, see `to_bgr`.

        Returns:
            The picture with its depth.

        Raises:
            Exception: As `FeatureExtractor`.
        """
        image = to_bgr(picture)
        small = resize_shorter_side(image, self.side)
        features = _features(self.extractor, small)
        parts = self.tensors
        columns = (features.flatten(1).T - parts['mean']) / parts['std']
        log_depth = (columns @ parts['weight'] + parts['bias']).view(features.shape[1:])
        near, far = parts['range'].tolist()
        coarse = log_depth.exp().clamp(near, far)
        # The features of the last row and column may reach over the border.
        stride = self.extractor.backbone.feature_info[0].stride
        size = tuple(stride * side for side in coarse.shape)
        fine = F.interpolate(coarse[None, None], size, mode='bilinear')
        fine = fine[..., : small.shape[0], : small.shape[1]]
        fine = F.interpolate(fine, image.shape[:2], mode='bilinear')
        return DepthImage(image, fine[0, 0].numpy())

    def save(self, path: str | Path) -> None:
        """Writes the probe, without the backbone.

        Args:
            path: A file that ends in ``.safetensors``.
        """
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        save_file(self.tensors, path)


def _extractor(backbone: str, device: str) -> FeatureExtractor:
    return FeatureExtractor(backbone, device=device, latent_scale=0.18215, timestep=50)


def _features(extractor: FeatureExtractor, image: np.ndarray) -> Tensor:
    """All maps on the grid of the finest, and the place, (C, h, w)."""
    maps = [each.float().cpu()[None] for each in extractor(image).maps]
    height, width = maps[0].shape[-2:]
    parts = []
    for level, each in enumerate(maps):
        size = tuple(2**level * side for side in each.shape[-2:])
        parts.append(F.interpolate(each, size, mode='bilinear')[0, :, :height, :width])
    rows = torch.linspace(-1, 1, height).view(-1, 1).expand(height, width)
    columns = torch.linspace(-1, 1, width).expand(height, width)
    return torch.cat([*parts, torch.stack([rows, rows.square(), columns.square()])])
