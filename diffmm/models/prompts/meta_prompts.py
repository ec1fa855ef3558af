"""Learned embeddings in place of encoded text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from diffmm.diffusion import Architecture

from .prompt import Prompt


@MODELS.register_module()
class MetaPrompts(Prompt):
    """Meta prompts: N learned embeddings are the whole context.

    Meta Prompts, section 3.2.1. No text encoder takes part. The embeddings start as
    unit Gaussian noise (as released), which has the scale of CLIP's features.

    Example:
        >>> prompt = dict(type='MetaPrompts', num_prompts=150)
        >>> depth = dict(type='MetaPrompts', num_prompts=50, num_steps=3,
        ...              adapter=dict(type='MLPAdapter'))

    Args:
        width: Width D of the embeddings. The backbone passes its architecture's; no
            other will do.
        num_prompts: Number of embeddings N. Meta Prompts: 150 (segmentation, pose), 50
            (depth estimation); its Table 5b compares 50, 100 and 150.
        num_steps: Number of refinement steps that have embeddings, and an adapter, of
            their own: the backbone's ``refinement_steps``. None shares one set between
            all steps. The released segmentation shares (as the paper has it), the
            released depth estimation does not.
        adapter: Config of a module that every set passes through at every forward. The
            released segmentation has none, its depth estimation
            ``dict(type='MLPAdapter')``; the paper mentions none.
        init_cfg: As in every mmengine module.

    Attributes:
        embeddings: (N, D) if shared, else (num_steps, N, D): a matrix in either case,
            so constructors of optimizers that spare vectors decay it, as released.

    Raises:
        ValueError: If a number is below 1, or ``width`` is not what the UNet attends
            to.
    """

    def __init__(
        self,
        width: int,
        num_prompts: int = 150,
        num_steps: int | None = None,
        adapter: Mapping | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        shared = num_steps is None
        super().__init__(width, adapter if shared else None, init_cfg)
        if num_prompts < 1:
            raise ValueError(f'num_prompts must be at least 1, got {num_prompts}')
        if not shared and num_steps < 1:
            raise ValueError(f'num_steps must be None or at least 1, got {num_steps}')
        self.num_steps = num_steps
        self.names = tuple(f'prompt {i}' for i in range(num_prompts))
        sets = () if shared else (num_steps,)
        self.embeddings = nn.Parameter(torch.randn(*sets, num_prompts, width))
        if not shared and adapter is not None:
            self.adapter = nn.ModuleList(
                MODELS.build(dict(adapter), default_args=dict(width=width))
                for _ in range(num_steps)
            )

    def set_architecture(self, architecture: Architecture) -> None:
        """Checks that the UNet attends to embeddings of this width.

        Args:
            architecture: The prior's.

        Raises:
            ValueError: If it does not.
        """
        if self.width != architecture.context_width:
            raise ValueError(
                f'MetaPrompts has width={self.width}, but the UNet of architecture '
                f'{architecture.name!r} attends to a context of width '
                f'{architecture.context_width}: leave width out of the config'
            )

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Repeats the embeddings, of the first step if each has its own.

        Args:
            batch_size: Number of images B.
            texts: Not used.

        Returns:
            The context, shape (B, N, D).
        """
        return self._context(0).expand(batch_size, -1, -1)

    def at_step(self, context: Tensor, step: int) -> Tensor:
        """Makes the context of a later refinement step.

        Args:
            context: That of the first step, (B, N, D).
            step: Number of the step, from 1 on.

        Returns:
            The context of the step, shape (B, N, D); the same if one set is shared.
        """
        if self.num_steps is None:
            return context
        return self._context(step).expand(len(context), -1, -1)

    def _context(self, step: int) -> Tensor:
        """The adapted embeddings of a step, (N, D)."""
        if self.num_steps is None:
            return self.adapt(self.embeddings)
        embeddings = self.embeddings[step]
        return embeddings if self.adapter is None else self.adapter[step](embeddings)
