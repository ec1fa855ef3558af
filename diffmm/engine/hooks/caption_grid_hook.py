"""Images that a text-to-image model draws for fixed captions while it learns."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.registry import HOOKS

from diffmm.visualization import draw_image_grid


@HOOKS.register_module()
class CaptionGridHook(Hook):
    """Draws a grid of generated images after every validation.

    The grid goes to ``runner.visualizer``, so every visualization backend of the
    config gets it; only the main process draws. With ``TrainableEMAHook`` the averaged
    weights draw.

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
        """Draw and show the grid."""
        if runner.rank != 0:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        images = model.generate(self.captions, **self._options)
        tiles = [image.permute(1, 2, 0).contiguous().numpy() for image in images]
        grid = draw_image_grid(tiles, self.captions, self.columns)
        runner.visualizer.add_image('generated', grid, runner.iter)
