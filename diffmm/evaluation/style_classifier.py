"""A small classifier that tells the style of a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_WIDTHS = (16, 32, 64)


class StyleClassifier(nn.Module):
    """A few convolutions that learn styles from pictures.

    It is small and quick to train, so that every measurement trains its own. Its
    accuracy on held-out pictures belongs beside what it says about generated ones.

    Args:
        styles: Names of the styles.
    """

    def __init__(self, styles: Sequence[str]) -> None:
        super().__init__()
        self.styles = tuple(styles)
        layers: list[nn.Module] = []
        for before, after in zip((3, *_WIDTHS), _WIDTHS, strict=False):
            convolution = nn.Conv2d(before, after, 3, stride=2, padding=1)
            layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(2 * _WIDTHS[-1], len(self.styles))

    def forward(self, images: Tensor) -> Tensor:
        """Computes logits.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            Shape (B, number of styles).
        """
        maps = self.features(images)  # (B, C, H/8, W/8)
        # Means tell the tone of a picture, deviations its lines and grain.
        return self.head(torch.cat([maps.mean((2, 3)), maps.std((2, 3))], dim=1))

    def learn(
        self, images: Tensor, labels: Tensor, epochs: int = 8, batch_size: int = 32
    ) -> None:
        """Trains on pictures; seed torch before for the same result again.

        Args:
            images: RGB in [-1, 1], shape (N, 3, H, W).
            labels: Index of the style of each, shape (N,).
            epochs: Passes over them.
            batch_size: Pictures a step.
        """
        self.train()
        optimizer = torch.optim.AdamW(self.parameters())
        # With a rate that does not fall at the end, fog is taken for day.
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=4e-3,
            epochs=epochs,
            steps_per_epoch=math.ceil(len(images) / batch_size),
        )
        for _ in range(epochs):
            for rows in torch.randperm(len(images)).split(batch_size):
                if len(rows) < 2:
                    continue  # Batch norm needs two.
                loss = F.cross_entropy(self(images[rows]), labels[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        self.eval()

    @torch.no_grad()
    def shares(self, images: Tensor) -> dict[str, float]:
        """Finds out how pictures divide into styles.

        Args:
            images: RGB in [-1, 1], shape (N, 3, H, W).

        Returns:
            Per style the share of the pictures that are taken for it.
        """
        found = self.predict(images)
        return {
            style: (found == index).float().mean().item()
            for index, style in enumerate(self.styles)
        }

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Finds the likeliest style of each picture.

        Args:
            images: RGB in [-1, 1], shape (N, 3, H, W).

        Returns:
            Indices, shape (N,).
        """
        self.eval()
        return torch.cat([self(part).argmax(1) for part in images.split(64)])
