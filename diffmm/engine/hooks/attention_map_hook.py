"""Cross-attention maps of validation and test images, drawn per class name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.model import BaseTTAModel, is_model_wrapper
from mmengine.registry import HOOKS
from torch import nn

from diffmm.visualization.cross_attention import (
    draw_cross_attention,
    find_names,
    merge_attention_maps,
)
from diffmm.visualization.heat_map import restore_image


@HOOKS.register_module()
class AttentionMapHook(Hook):
    """Draws where the backbone attends to which class name.

    The chosen images pass through the backbone once more, whole even if the model
    predicts in slide windows. The captured cross-attention becomes a grid of captioned
    heat maps. It goes to ``runner.visualizer``, so every visualization backend of the
    config gets it. Only the main process draws. With test-time augmentation, the first
    view is drawn; with refinement steps, the maps of the last pass.

    The model must have a ``backbone`` whose output has ``attention_maps``
    ``{stride: (B, names, h, w)}`` and whose ``prompt.names`` name the channels, such
    as :class:`StableDiffusionBackbone` with ``attention`` switched on.

    Example:
        >>> hook = HOOKS.build(dict(type='AttentionMapHook', interval=10, top_k=3))

    Args:
        draw: Whether to draw at all, for a switch in a config.
        interval: Draw every ``interval``-th batch, from the first on.
        max_images: Largest number of images per validation or test.
        top_k: How many names to draw per image.
        rank_by: ``'peak'`` or ``'mean'``: the names with the largest peak or mean of
            their map are drawn.
        names: Draw these names instead of the strongest.
        strides: Strides of the maps to average; None takes all that were captured.
        alpha: Weight of the heat map's colors over the image.

    Raises:
        ValueError: An argument is out of range, a name is unknown, or the backbone
            captured no attention.
        TypeError: The model has no backbone with named prompts.
    """

    priority = 'NORMAL'

    def __init__(
        self,
        draw: bool = True,
        interval: int = 50,
        max_images: int = 8,
        top_k: int = 5,
        rank_by: str = 'peak',
        names: Sequence[str] | None = None,
        strides: Sequence[int] | None = None,
        alpha: float = 0.6,
    ) -> None:
        for name, value in (
            ('interval', interval),
            ('max_images', max_images),
            ('top_k', top_k),
        ):
            if value < 1:
                raise ValueError(f'{name} must be at least 1, but got {value}')
        if rank_by not in ('peak', 'mean'):
            raise ValueError(f"rank_by must be 'peak' or 'mean', but got {rank_by!r}")
        if names is not None and (isinstance(names, str) or not names):
            raise ValueError(f'names must be a list of class names, but got {names!r}')
        self.draw = draw
        self.interval = interval
        self.max_images = max_images
        self.strides = strides
        self._style = dict(top_k=top_k, rank_by=rank_by, selected=names, alpha=alpha)
        self._drawn = 0

    def before_run(self, runner) -> None:
        """Checks model and names before anything runs."""
        if not self.draw:
            return
        names = _prompt_names(_inner_model(runner.model))
        if self._style['selected'] is not None:
            find_names(self._style['selected'], names)

    def before_val_epoch(self, runner) -> None:
        """Starts to count images."""
        self._drawn = 0

    def before_test_epoch(self, runner) -> None:
        """Starts to count images."""
        self._drawn = 0

    def _after_iter(
        self,
        runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: Any = None,
        mode: str = 'train',
    ) -> None:
        """Draws images of this batch if it is their turn."""
        if mode == 'train' or not self.draw or runner.rank != 0:
            return
        missing = self.max_images - self._drawn
        if batch_idx % self.interval != 0 or missing <= 0:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if isinstance(model, BaseTTAModel):
            data_batch = {key: views[0] for key, views in data_batch.items()}
        # The pass through the backbone is slow, so it only gets the wanted images.
        data_batch = {key: value[:missing] for key, value in data_batch.items()}
        for stem, grid in self._grids(_inner_model(model), data_batch):
            name = f'{mode}_attention_{self._drawn:03d}_{stem}'
            runner.visualizer.add_image(name, grid, runner.iter)
            self._drawn += 1

    @torch.no_grad()
    def _grids(self, model: nn.Module, data_batch: dict) -> list[tuple[str, Any]]:
        """Makes the file stem and the grid of every image of a batch."""
        names = _prompt_names(model)
        data = model.data_preprocessor(data_batch, training=False)
        features = model.backbone(data['inputs'])
        maps = getattr(features, 'attention_maps', None)
        attention, stride = merge_attention_maps(maps or {}, self.strides)
        samples = data_batch.get('data_samples') or [None] * len(attention)
        grids = []
        for index, raw in enumerate(data_batch['inputs']):
            image = restore_image(
                data['inputs'][index], model.data_preprocessor, tuple(raw.shape[-2:])
            )
            grid = draw_cross_attention(
                image, attention[index], stride, names, **self._style
            )
            path = getattr(samples[index], 'img_path', None)
            grids.append((Path(path).stem if path else 'image', grid))
        return grids


def _inner_model(model: nn.Module) -> nn.Module:
    """Takes the wrappers off the model that owns the backbone."""
    if is_model_wrapper(model):
        model = model.module
    return model.module if isinstance(model, BaseTTAModel) else model


def _prompt_names(model: nn.Module) -> Sequence[str]:
    """Finds the names of the attention channels.

    Raises:
        TypeError: The model has none.
    """
    backbone = getattr(model, 'backbone', None)
    names = getattr(getattr(backbone, 'prompt', None), 'names', None)
    if names is None:
        raise TypeError(
            f'{type(model).__name__} with backbone {type(backbone).__name__} has no '
            'backbone.prompt.names: AttentionMapHook needs a StableDiffusionBackbone '
            'with class-name prompts'
        )
    return names
