"""Conditions that a training leaves out, so that guidance can do without them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class ConditionDropout:
    """Leaves out the text, the image or both of a sample (InstructPix2Pix, 3.2.1).

    The three exclude each other: one number u in [0, 1) decides. As released, u below
    ``text + both`` drops the text, and u from ``text`` to ``text + both + image`` the
    image.

    Example:
        >>> dropout = ConditionDropout()
        >>> no_text, no_image = dropout(torch.tensor([0.02, 0.07, 0.12, 0.5]))
        >>> no_text.tolist(), no_image.tolist()
        ([True, True, False, False], [False, True, True, False])

    Args:
        text: Share of samples without text alone. All three shares: InstructPix2Pix,
            InstructCV and, we assume, ADDP: 0.05.
        both: Share without text and image.
        image: Share without image alone.

    Raises:
        ValueError: A share is negative, or they exceed 1.
    """

    def __init__(
        self, text: float = 0.05, both: float = 0.05, image: float = 0.05
    ) -> None:
        shares = (text, both, image)
        if min(shares) < 0 or sum(shares) > 1:
            raise ValueError(
                'the shares of dropped conditions (text, both, image) must not be '
                f'negative and at most 1 in all, got {shares}'
            )
        self.text = text
        self.both = both
        self.image = image

    def draw(self, generators: Sequence[torch.Generator]) -> tuple[Tensor, Tensor]:
        """Draws what to leave out.

        Args:
            generators: One for every sample.

        Returns:
            As calling it.
        """
        return self(torch.cat([torch.rand(1, generator=own) for own in generators]))

    def __call__(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Decides what to leave out.

        Args:
            numbers: u of every sample, shape (B,).

        Returns:
            Whose text and whose image, bool, each (B,).
        """
        text_ends = self.text + self.both
        image_ends = text_ends + self.image
        return numbers < text_ends, (self.text <= numbers) & (numbers < image_ends)
