"""A prompt of learned embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from diffmm.diffusion import Architecture

from .prompt import Prompt


@MODELS.register_module()
class MetaPrompts(Prompt):
    """N learned embeddings in place of encoded text.

    Meta Prompts, section 3.2.1. There is no text encoder. The embeddings start as unit
    Gaussian noise (as released), which has the scale of CLIP's features.

    Example:
        >>> config = dict(type='MetaPrompts', num_prompts=150)
        >>> prompt = MODELS.build(config | dict(width=128))
        >>> prompt(2).shape
        torch.Size([2, 150, 128])

    Args:
        width: Width D of the embeddings. The backbone passes its architecture's and
            takes no other.
        num_prompts: Number of embeddings N. Meta Prompts: 150 (segmentation, pose), 50
            (depth estimation); its Table 5b compares 50, 100 and 150.
        num_steps: None shares embeddings and adapter between all refinement steps (the
            paper, the released segmentation). The backbone's ``refinement_steps`` gives
            every step its own (the released depth estimation).
        adapter: Config of a module that the embeddings pass through at every forward:
            ``dict(type='MLPAdapter')`` (the released depth estimation) or None (the
            released segmentation; the paper does not mention one).
        init_cfg: As in every mmengine module.

    Attributes:
        embeddings: Shape (N, D) if shared, else (num_steps, N, D). As no vector, it
            takes weight decay from constructors that spare vectors, as released.

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
            architecture: The architecture of the prior.

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
        """Repeats the embeddings for every image: those of the first step.

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
            context: The context of the first step, (B, N, D).
            step: Number of the step, from 1 on.

        Returns:
            The context of the step, shape (B, N, D): the same one if steps share it.
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
