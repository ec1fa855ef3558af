# Needs mmsegmentation.
"""Segmentation by any names, read off the attention of a frozen backbone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import trange

from diffmm.models.backbones.images import pad_images
from diffmm.utils.class_names import check_repeats

from .image_input import Picture, resize_shorter_side, to_bgr
from .name_attention import NameAttention, to_pixels
from .segmentation import SegmentedImage
from .shipped import read_probe

# The probe that comes with the package: of `mini`, for the mini world.
SHIPPED = Path(__file__).parent / 'trained' / 'mini-name-probe.safetensors'
# Of pixels without a name, as in mmsegmentation.
IGNORED = 255
# Channels of the head's layers, pictures of a step, and its largest learning rate.
_WIDTH, _BATCH, _RATE = 24, 4, 4e-3


class NameHead(nn.Module):
    """A small convolutional network that scores one name at a time.

    It sees the attention to the name, what the attention to all names has in common,
    and the pixels, and no text. So it takes any number of any names.

    Args:
        channels: Number A of attention maps for each name.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        width = _WIDTH
        self.attention = nn.Conv2d(channels, width, 3, padding=1)
        self.mix = nn.Conv2d(3 * width, width, 1)
        self.coarse = nn.Conv2d(width, width, 3, padding=1)
        self.enlarge = nn.Conv2d(width, width, 1)
        self.pixels = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1),
        )
        self.fine = nn.Conv2d(width, width, 3, padding=1)
        self.score = nn.Conv2d(width, 1, 1)

    def forward(self, attention: Tensor, pixels: Tensor) -> Tensor:
        """Scores names.

        Args:
            attention: Of N names, (N, A, h, w).
            pixels: RGB in [-1, 1], (1, 3, 2h, 2w).

        Returns:
            A score for each name, (N, 2h, 2w).
        """
        # 1. Each name alone, the mean of all, and the name's largest value anywhere.
        hidden = F.gelu(self.attention(attention))  # (N, width, h, w)
        common = hidden.mean(0, keepdim=True).expand_as(hidden)
        largest = hidden.amax((2, 3), keepdim=True).expand_as(hidden)
        hidden = F.gelu(self.mix(torch.cat([hidden, common, largest], dim=1)))
        hidden = F.gelu(self.coarse(hidden))
        # 2. Edges come from the pixels.
        hidden = F.interpolate(
            self.enlarge(hidden), scale_factor=2, mode='bilinear'
        )  # (N, width, 2h, 2w)
        hidden = F.gelu(hidden + self.pixels(pixels))
        return self.score(F.gelu(self.fine(hidden)))[:, 0]


class NameProbe:
    """A frozen backbone, and a small head that reads names off its attention.

    The head is the same for all names, so also those that it was not fitted with may
    be asked. Every place gets one of the names, even if the picture shows none of them.

    Example:
        >>> probe = NameProbe.shipped()
        >>> probe('photo.jpg', ['sky', 'grass', 'tree']).save_overlay('named.png')

    Args:
        attention: The backbone's.
        head: What `fit` finds.
        side: Pictures are resized so that their shorter side has this many pixels;
            ``mini`` was trained with 128.
    """

    def __init__(
        self, attention: NameAttention, head: NameHead, side: int = 128
    ) -> None:
        self.attention = attention
        self.head = head.to(attention.device).eval()
        self.side = side

    @classmethod
    def shipped(cls, device: str = 'cpu') -> NameProbe:
        """Loads the probe that comes with the package.

        Args:
            device: Where it runs.

        Raises:
            FileNotFoundError: This installation lacks it.
        """
        weights = read_probe(SHIPPED, 'name')
        attention = NameAttention('mini', device)
        head = NameHead(attention.channels)
        head.load_state_dict(weights)
        return cls(attention, head)

    @classmethod
    def fit(
        cls,
        pictures: Iterable[tuple[np.ndarray, np.ndarray]],
        names: Sequence[str],
        backbone: str = 'mini',
        side: int = 128,
        epochs: int = 4,
        seed: int = 0,
        device: str = 'cpu',
    ) -> NameProbe:
        """Fits the head by AdamW and cross entropy; the backbone stays as it is.

        Each picture is asked for the names that it shows and a random number of others;
        one in four for all.

        Args:
            pictures: Pictures (H, W, 3), BGR, with the index of the name of every
                pixel, (H, W), uint8; `IGNORED` is none of them.
            names: The names.
            backbone: As for `NameAttention`.
            side: As for the class.
            epochs: Passes over the pictures.
            seed: Of weights, names and order.
            device: Where it runs.

        Returns:
            The probe.
        """
        attention = NameAttention(backbone, device)
        tokens, rng = attention.encode(names), np.random.default_rng(seed)
        samples = []
        for picture, labels in pictures:
            asked = _choose(labels, len(names), rng)
            small = resize_shorter_side(picture, side)
            samples.append(
                _Sample(
                    attention(small, tokens[asked]).half(),
                    _half_stride_pixels(small, attention).half(),
                    _renumber(labels, asked).to(device),
                )
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = NameHead(attention.channels).to(device)
        optimizer = torch.optim.AdamW(head.parameters(), _RATE, weight_decay=1e-3)
        steps = math.ceil(len(samples) / _BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, _RATE, total_steps=epochs * steps, pct_start=0.1
        )
        for _ in trange(epochs, desc='epochs'):
            for batch in np.array_split(rng.permutation(len(samples)), steps):
                for index in batch:
                    loss = samples[index].loss(head, flip=rng.random() < 0.5)
                    (loss / len(batch)).backward()
                optimizer.step()
                optimizer.zero_grad()
                schedule.step()
        return cls(attention, head, side)

    @torch.no_grad()
    def __call__(self, picture: Picture, names: Sequence[str]) -> SegmentedImage:
        """Divides a picture among names.

        Args:
            picture: The picture, see `to_bgr`.
            names: At least two different ones.

        Returns:
            The picture with the name of every pixel.

        Raises:
            ValueError: There are fewer than two names, or one repeats.
        """
        if len(names) < 2:
            raise ValueError(f'there is nothing to divide among {list(names)}')
        check_repeats(names, 'the list of names')
        image = to_bgr(picture)
        small = resize_shorter_side(image, self.side)
        attention = self.attention(small, self.attention.encode(names))
        scores = self.head(attention, _half_stride_pixels(small, self.attention))
        # The last row and column may reach over the border.
        fine = F.interpolate(
            scores[None], scale_factor=self.attention.stride // 2, mode='bilinear'
        )[..., : small.shape[0], : small.shape[1]]
        fine = F.interpolate(fine, image.shape[:2], mode='bilinear')
        colors = matplotlib.colormaps['tab20'](np.arange(len(names)) % 20, bytes=True)
        palette = tuple(tuple(map(int, color[:3])) for color in colors)
        class_map = fine[0].argmax(dim=0).cpu().numpy()
        return SegmentedImage(image, class_map, tuple(names), palette)

    def save(self, path: str | Path) -> None:
        """Writes the head, without the backbone.

        Args:
            path: A file that ends in ``.safetensors``.
        """
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        save_file(self.head.state_dict(), path)


class _Sample(NamedTuple):
    """A picture to fit: what the head sees, and the asked name of every pixel."""

    attention: Tensor  # (N, A, h, w)
    pixels: Tensor  # (1, 3, 2h, 2w)
    labels: Tensor  # (H, W)

    def loss(self, head: NameHead, flip: bool) -> Tensor:
        parts = [each.flip(-1) if flip else each for each in self]
        scores = head(parts[0].float(), parts[1].float())
        labels = F.interpolate(parts[2][None, None].float(), scores.shape[-2:])
        known = labels != IGNORED
        losses = F.cross_entropy(
            scores[None], labels[0].long(), ignore_index=IGNORED, reduction='sum'
        )
        return losses / known.sum().clamp_min(1)


def _choose(labels: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Indices of the names to ask of a picture, two or more."""
    shown = np.setdiff1d(labels, IGNORED)
    others = rng.permutation(np.setdiff1d(np.arange(count), shown))
    if rng.random() > 0.25:
        least = max(0, 2 - len(shown))
        others = others[: rng.integers(least, len(others) + 1)]
    return rng.permutation(np.concatenate([shown, others]))


def _renumber(labels: np.ndarray, asked: np.ndarray) -> Tensor:
    """Labels as positions among the names that are asked."""
    table = np.full(IGNORED + 1, IGNORED, np.uint8)
    table[asked] = np.arange(len(asked))
    return torch.from_numpy(table[labels])


def _half_stride_pixels(image: np.ndarray, attention: NameAttention) -> Tensor:
    """The picture on a grid twice as fine as the attention's, (1, 3, 2h, 2w)."""
    stride = attention.stride
    pixels = F.avg_pool2d(pad_images(to_pixels(image)), stride // 2)
    height, width = (2 * -(-side // stride) for side in image.shape[:2])
    return pixels[..., :height, :width].to(attention.device)
