"""Grids of images that a generative model draws while it learns."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS

from diffmm.visualization import draw_image_grid


@HOOKS.register_module()
class CaptionGridHook(Hook):
    """Draws images for fixed captions after every validation.

    The grid goes to ``runner.visualizer``, so every visualization backend of the
    config gets it; only the main process draws. With ``TrainableEMAHook`` the averaged
    weights draw.

    Example:
        >>> hook = HOOKS.build(dict(type='CaptionGridHook', captions=['a red ball']))

    Args:
        captions: What to draw, always with the same noise.
        steps: Denoising steps.
        guidance: Classifier-free guidance scale.
        seed: Seed of the noise.
        columns: Images in a row; None makes the grid about as wide as high.

    Raises:
        ValueError: There is no caption.
    """

    # Before TrainableEMAHook puts the raw weights back.
    priority = 'ABOVE_NORMAL'

    def __init__(
        self,
        captions: Sequence[str],
        steps: int = 20,
        guidance: float = 3.0,
        seed: int = 0,
        columns: int | None = None,
    ) -> None:
        if isinstance(captions, str) or not captions:
            raise ValueError(f'captions must be a list of texts, got {captions!r}')
        self.captions = tuple(captions)
        self.columns = columns
        self._options = dict(steps=steps, guidance=guidance, seed=seed)

    def after_val_epoch(self, runner, metrics: dict[str, float] | None = None) -> None:
        """Draws and shows the grid."""
        if runner.rank != 0:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        images = model.generate(self.captions, **self._options)
        tiles = [image.permute(1, 2, 0).contiguous().numpy() for image in images]
        grid = draw_image_grid(tiles, self.captions, self.columns)
        runner.visualizer.add_image('generated', grid, runner.iter)


@HOOKS.register_module()
class ReconstructionGridHook(Hook):
    """Draws images of the first validation batch and their reconstructions.

    Example:
        >>> hook = HOOKS.build(dict(type='ReconstructionGridHook', max_images=4))

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
        """Draws the first batch, images above and reconstructions below."""
        if batch_idx or runner.rank != 0:
            return
        images = list(data_batch['inputs'])[: self.max_images]
        images += [out['reconstruction'] for out in outputs[: self.max_images]]
        tiles = [image.permute(1, 2, 0).contiguous().cpu().numpy() for image in images]
        columns = len(tiles) // 2
        captions = ['image'] * columns + ['reconstruction'] * columns
        grid = draw_image_grid(tiles, captions, columns)
        runner.visualizer.add_image('reconstructed', grid, runner.iter)
