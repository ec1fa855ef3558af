"""Images beside what an autoencoder makes of them."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.registry import HOOKS

from diffmm.visualization import draw_image_grid


@HOOKS.register_module()
class ReconstructionGridHook(Hook):
    """Draws images of the first validation batch and their reconstructions.

    Args:
        max_images: Largest number of images.

    Raises:
        ValueError: The number is not positive.
    """

    def __init__(self, max_images: int = 8) -> None:
        if max_images < 1:
            raise ValueError(f'max_images must be at least 1, got {max_images}')
        self.max_images = max_images

    def after_val_iter(
        self,
        runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: list[dict] | None = None,
    ) -> None:
        """Draw the first batch, images above and reconstructions below."""
        if batch_idx or runner.rank != 0:
            return
        images = list(data_batch['inputs'])[: self.max_images]
        images += [out['reconstruction'] for out in outputs[: self.max_images]]
        tiles = [image.permute(1, 2, 0).contiguous().cpu().numpy() for image in images]
        columns = len(tiles) // 2
        captions = ['image'] * columns + ['reconstruction'] * columns
        grid = draw_image_grid(tiles, captions, columns)
        runner.visualizer.add_image('reconstructed', grid, runner.iter)
