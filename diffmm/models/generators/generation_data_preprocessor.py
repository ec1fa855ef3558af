"""Conversion of pixels into a generator's input, and back."""

from __future__ import annotations

import torch
from mmengine.model import BaseDataPreprocessor
from mmengine.registry import MODELS
from torch import Tensor


@MODELS.register_module()
class GenerationDataPreprocessor(BaseDataPreprocessor):
    """Stacks a batch and brings images to [-1, 1].

    Inputs of type uint8 are RGB images. Inputs of a floating-point type are latents
    and stay as they are.

    Example:
        >>> preprocessor = MODELS.build(dict(type='GenerationDataPreprocessor'))
        >>> image = torch.full((3, 64, 64), 255, dtype=torch.uint8)
        >>> batch = preprocessor(dict(inputs=[image, image]))
        >>> batch['inputs'].shape, batch['inputs'].max().item()
        (torch.Size([2, 3, 64, 64]), 1.0)
    """

    def forward(self, data: dict, training: bool = False) -> dict:
        """Moves and stacks a batch.

        Args:
            data: ``inputs``, a list of tensors of one shape: images (3, H, W) uint8 or
                latents (4, h, w); further entries are passed on.
            training: Unused.

        Returns:
            The batch with ``inputs`` of shape (B, 3, H, W) or (B, 4, h, w), float32.

        Raises:
            ValueError: The inputs differ in shape.
        """
        data = self.cast_data(data)
        shapes = {tuple(item.shape) for item in data['inputs']}
        if len(shapes) != 1:
            raise ValueError(
                f'a batch needs inputs of one shape, got {sorted(shapes)}; resize or '
                'crop the images in the data set'
            )
        inputs = torch.stack(list(data['inputs']))
        if inputs.dtype == torch.uint8:
            inputs = inputs.float() / 127.5 - 1.0
        return {**data, 'inputs': inputs.float()}


def to_uint8(images: Tensor) -> Tensor:
    """Converts pixels from [-1, 1] to 0 to 255.

    Args:
        images: Any shape.

    Returns:
        The same shape, uint8.
    """
    return ((images.float() + 1.0) * 127.5).round().clamp(0, 255).byte()
