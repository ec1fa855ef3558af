"""The further passes of a diffusion backbone's UNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.model import BaseModule
from mmengine.registry import MODELS

from ..backbones import DiffusionFeatures


@MODELS.register_module()
class RecurrentRefinementNeck(BaseModule):
    """Feeds the UNet what its output layer makes of its own features.

    Meta Prompts, section 3.3 and Table 5c. The backbone makes the first pass over the
    image's latents; each further pass starts from the latents that the UNet's
    pre-trained output layer (norm, SiLU, convolution) makes of the finest map of the
    pass before, without a scale and without noise. Only the features of the last pass
    go on. The gradient flows through all passes, as released;
    ``gradient_checkpointing`` of the backbone bounds its memory.

    This neck has no parameters. The output layer and the learned time embeddings are
    the backbone's (``refinement_steps``, ``learned_timesteps``), for three reasons. The
    first pass needs an embedding, too, and the backbone makes it. The output layer is
    part of the pre-trained UNet: there it is read with the other weights, takes their
    multiplier of the learning rate, and occurs in a checkpoint once. And a module
    that is called inside of the UNet's own forward stays correct where the UNet is
    wrapped, compiled or divided between devices. Both exist only if the backbone's
    options ask for them, so no parameter is ever without a gradient.

    Example:
        >>> model = dict(
        ...     backbone=dict(type='StableDiffusionBackbone', refinement_steps=3,
        ...                   learned_timesteps=True,
        ...                   prompt=dict(type='MetaPrompts', num_prompts=150)),
        ...     neck=dict(type='RecurrentRefinementNeck', num_steps=3,
        ...               neck=dict(type='PromptRearrangementNeck',
        ...                         in_channels=[320, 640, 1280, 1280], width=768)))

    Args:
        num_steps: Number of passes, the backbone's own included. It must be the
            backbone's ``refinement_steps``; None takes that number.
        neck: Config (or list of configs) of what runs on the features of the last
            pass, such as ``PromptRearrangementNeck`` or a host's neck.
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
        """Makes the remaining passes.

        Args:
            features: What the backbone returned.

        Returns:
            The features of the last pass, or what ``neck`` makes of them.

        Raises:
            TypeError: If something else than a diffusion backbone made the features.
            ValueError: If the backbone is made for another number of passes.
        """
        features = self.refine(features)
        return features if self.neck is None else self.neck(features)

    def refine(self, features: DiffusionFeatures) -> DiffusionFeatures:
        """Makes the remaining passes, and nothing with their features.

        Args:
            features: What the backbone returned.

        Returns:
            The features of the last pass, attention maps and context included.

        Raises:
            TypeError: As ``forward``.
            ValueError: As ``forward``.
        """
        if not isinstance(features, DiffusionFeatures):
            raise TypeError(
                'RecurrentRefinementNeck needs the features of a '
                'StableDiffusionBackbone, with nothing in between, and got a '
                f'{type(features).__name__}'
            )
        step = 1
        while features.prediction is not None:
            features = features.denoise(features.prediction, step=step)
            step += 1
        if self.num_steps not in (None, step):
            raise ValueError(
                f'RecurrentRefinementNeck has num_steps={self.num_steps}, but the '
                f'backbone refinement_steps={step}, and that many time embeddings and '
                'prompts if they are learned for each step: give both the same number'
            )
        return features
