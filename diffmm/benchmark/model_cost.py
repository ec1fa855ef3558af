"""Parameters and operations of a whole model, without its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
            data preprocessor (or codec) names.

    Returns:
        ``parameters``, frozen ones included, and ``flops`` of one picture's forward
        pass (a multiply-add is two operations).
    """
    init_default_scope(settings['default_scope'])
    config = {**settings['model']}
    config['backbone'] = {**config['backbone'], 'pretrained': None}
    with torch.device('meta'):
        model = MODELS.build(config).eval()
        images = torch.empty(
            1, 3, *(size or settings['model']['data_preprocessor']['size'])
        )
    texts = model.backbone.prompt.example_texts(1)
    if texts is not None:
        images = ConditionedImages(images, texts)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return dict(parameters=parameters, flops=count_flops(model, (images,)))
