"""Parameters and operations of a whole model, without its weights."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import torch
from mmengine.registry import MODELS, init_default_scope

from ..structures import ConditionedImages
from .flops import count_flops


def count_model_cost(
    settings: Mapping[str, Any], size: tuple[int, int] | None = None
) -> dict[str, float]:
    """Counts what one prediction of a model costs.

    Nothing is computed and no weights are read, so a model of any size takes seconds.

    Args:
        settings: A resolved config.
        size: Height and width of the picture; None takes the size that the config's
            data preprocessor names.

    Returns:
        ``parameters``, frozen ones included, and ``flops`` of one picture's forward
        pass (a multiply-add is two operations).

    Raises:
        ValueError: Neither names a size.
    """
    size = size or settings['model']['data_preprocessor'].get('size')
    if size is None:
        raise ValueError('data_preprocessor names no size: give the picture its size')
    init_default_scope(settings['default_scope'])
    backbone = {**settings['model']['backbone'], 'pretrained': None}
    with torch.device('meta'):
        model = MODELS.build({**settings['model'], 'backbone': backbone})
        model.eval().requires_grad_(False)
        images = torch.empty(1, 3, *size)
    texts = model.backbone.prompt.example_texts(1)
    if texts is not None:
        images = ConditionedImages(images, texts)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    # Shapes have no precision to switch to: autocast does not know the meta device.
    with patch.object(torch, 'autocast', lambda *args, **kwargs: nullcontext()):
        return dict(parameters=parameters, flops=count_flops(model, (images,)))
