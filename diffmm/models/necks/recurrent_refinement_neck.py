"""A neck behind a backbone that refines its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.model import BaseModule
from mmengine.registry import MODELS

from ..backbones import DiffusionFeatures


@MODELS.register_module()
class RecurrentRefinementNeck(BaseModule):
    """Runs a neck on features that were refined as often as it was trained for.

    Meta Prompts, section 3.3 and Table 5c. The backbone makes all passes itself
    (``refinement_steps``), so other necks and heads get refined features without this
    one. It has no parameters: output layer and time embeddings are part of the
    backbone, where they are read with the other weights, take their multiplier of the
    learning rate, and occur in a checkpoint once.

    Example:
        >>> backbone = MODELS.build(dict(
        ...     type='StableDiffusionBackbone', arch='mini', refinement_steps=3,
        ...     prompt=dict(type='MetaPrompts', num_prompts=5)))
        >>> neck = MODELS.build(dict(
        ...     type='RecurrentRefinementNeck', num_steps=3,
        ...     neck=dict(type='PromptRearrangementNeck',
        ...               in_channels=[32, 64, 128, 128], width=128)))
        >>> maps = neck(backbone(torch.zeros(1, 3, 64, 128)))
        >>> [tuple(each.shape) for each in maps]
        [(1, 5, 16, 32), (1, 5, 8, 16), (1, 5, 4, 8), (1, 5, 2, 4)]

    Args:
        num_steps: Number of passes that the features must come from: the backbone's
            ``refinement_steps``. None takes any number.
        neck: Config (or list of configs) of what runs on the features, such as
            ``PromptRearrangementNeck`` or a host's neck.
        init_cfg: As in every mmengine module.

    Raises:
        ValueError: If ``num_steps`` is below 1.
    """

    def __init__(
        self,
        num_steps: int | None = None,
        neck: Mapping | Sequence[Mapping] | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_steps is not None and num_steps < 1:
            raise ValueError(f'num_steps must be None or at least 1, got {num_steps}')
        self.num_steps = num_steps
        self.neck = None if neck is None else MODELS.build(neck)

    def forward(self, features: DiffusionFeatures) -> Any:
        """Checks the features and runs the neck on them.

        Args:
            features: What the backbone returned.

        Returns:
            The features, or what ``neck`` makes of them.

        Raises:
            TypeError: If something other than a diffusion backbone made the features.
            ValueError: If they come from another number of passes.
        """
        if not isinstance(features, DiffusionFeatures):
            raise TypeError(
                'RecurrentRefinementNeck needs the features of a '
                'StableDiffusionBackbone, with nothing in between, and got a '
                f'{type(features).__name__}'
            )
        if self.num_steps not in (None, features.num_steps):
            raise ValueError(
                f'RecurrentRefinementNeck has num_steps={self.num_steps}, but the '
                f'backbone refinement_steps={features.num_steps}, and that many time '
                'embeddings and prompts if they are learned for each step: give both '
                'the same number'
            )
        return features if self.neck is None else self.neck(features)
