"""The base class of prompts: modules that make the UNet's context."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import Architecture, TextEncoder


class Prompt(BaseModule, ABC):
    """Base class of the modules that make the context of cross-attention.

    Args:
        width: Width D of the context. The backbone passes its architecture's.
        adapter: Config of the module that ``adapt`` applies, or None.
        init_cfg: As in every mmengine module.

    Attributes:
        names: One name for every attention map of the prompt.
        num_steps: Number of refinement steps that have a context of their own; None if
            all steps share one.
    """

    names: tuple[str, ...]
    num_steps: int | None = None

    def __init__(
        self,
        width: int,
        adapter: Mapping | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.width = width
        self.adapter = None
        if adapter is not None:
            self.adapter = MODELS.build(dict(adapter), default_args=dict(width=width))

    def adapt(self, text: Tensor) -> Tensor:
        """Applies the adapter, if there is one, to encoded text (..., D)."""
        return text if self.adapter is None else self.adapter(text)

    @abstractmethod
    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Makes the context of a batch.

        Args:
            batch_size: Number of images B.
            texts: The text of every image, if the images carry any. A prompt that is
                the same for every image ignores it.

        Returns:
            The context, shape (B, N, D).
        """

    def visible_tokens(self, texts: Sequence[str]) -> Tensor | None:
        """Tells which tokens cross-attention sees, for models that ask.

        Args:
            texts: T texts.

        Returns:
            Bool, shape (T, N); None for all, the default.
        """
        return None

    def at_step(self, context: Tensor, step: int) -> Tensor:
        """Makes the context of a later refinement step.

        Args:
            context: What ``forward`` returned for this batch, (B, N, D).
            step: Number of the step, from 1 on.

        Returns:
            The context of the step, shape (B, N, D).
        """
        return context

    def check_steps(self, refinement_steps: int) -> None:
        """Refuses a backbone with another number of passes than the prompt's.

        Args:
            refinement_steps: Number of passes of the backbone.

        Raises:
            ValueError: If the prompt has contexts for another number of steps. One that
                is never used would get no gradient.
        """
        if self.num_steps not in (None, refinement_steps):
            raise ValueError(
                f'the {type(self).__name__} has num_steps={self.num_steps}, the '
                f'backbone refinement_steps={refinement_steps}: give both the same '
                'number, or leave num_steps out to share one context'
            )

    def set_architecture(self, architecture: Architecture) -> None:
        """Builds parts that need more of the prior's architecture than its width.

        The backbone calls it once, in its ``__init__``.

        Args:
            architecture: The architecture of the prior.
        """

    def example_texts(self, batch_size: int) -> tuple[str, ...] | None:
        """Makes texts for a pass without data, such as a benchmark's.

        Args:
            batch_size: Number of images B.

        Returns:
            B texts, or None if the prompt needs none.
        """
        return None

    def encode(self, load_text_encoder: Callable[[], TextEncoder] | None) -> None:
        """Fills the buffers that depend on pre-trained weights, once.

        Args:
            load_text_encoder: Builds the prior's text encoder. That costs time and
                memory, so a prompt calls it only if it has text to encode. None if the
                prior has random weights.
        """

    def pool_maps(self, attention_map: Tensor) -> Tensor:
        """Turns maps of tokens into maps of names.

        Args:
            attention_map: Probabilities per token, shape (B, N, h, w).

        Returns:
            Probabilities per name, shape (B, len(names), h, w).
        """
        return attention_map

    def _require_texts(self, texts: Sequence[str] | None) -> Sequence[str]:
        if texts is None:
            raise RuntimeError(
                f'{type(self).__name__} needs the text of every image and this batch '
                "carries none: set the model's data_preprocessor to "
                "dict(type='TextSegDataPreProcessor', text_key=..., ...) (or "
                'TextDetDataPreprocessor, TextPoseDataPreprocessor), or pass '
                'diffmm.structures.ConditionedImages(images, texts)'
            )
        return texts
