"""A prompt of the classes that an image shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import torch
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import TextEncoder

from .class_name_prompt import ClassNamePrompt

SEPARATOR = '; '


@MODELS.register_module()
class PresentClassPrompt(ClassNamePrompt):
    """One token per class; those that an image does not show are blank.

    The released TADP's class embeddings of the classes present. A blank token is the
    last one of the encoded empty string.

    The text of an image is the names of its classes, joined by "; ", as
    ``OracleCaption(separator='; ')`` makes it of the annotation.

    Example:
        >>> config = dict(
        ...     type='PresentClassPrompt',
        ...     classes=['sky', 'tree', 'person'])
        >>> prompt = MODELS.build(config | dict(width=128))
        >>> prompt(2, ['tree', 'sky; person']).shape
        torch.Size([2, 3, 128])

    Args:
        width: Width D of the context. The backbone passes its architecture's.
        dataset: As in `ClassNamePrompt`.
        classes: As in `ClassNamePrompt`.
        template: As in `ClassNamePrompt`. TADP: ``'imagenet'``, a mean of 80.
        embeddings: As in `ClassNamePrompt`.
        adapter: As in `ClassNamePrompt`.
        init_cfg: As in every mmengine module.

    Raises:
        ValueError: As `ClassNamePrompt`.
    """

    def __init__(
        self,
        width: int,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        template: str = 'imagenet',
        embeddings: str | Path | None = None,
        adapter: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            width,
            dataset,
            classes,
            template,
            embeddings=embeddings,
            adapter=adapter,
            init_cfg=init_cfg,
        )
        self.register_buffer('blank', torch.zeros(width))
        self._rows = {word: row for row, word in enumerate(self._words)}

    def encode(self, load_text_encoder: Callable[[], TextEncoder] | None) -> None:
        """Encodes the names as `ClassNamePrompt` does, and the empty string.

        Args:
            load_text_encoder: Builds the prior's text encoder. None leaves noise, and
                zeros for a class that is not there.
        """
        if load_text_encoder is None:
            super().encode(None)
            return
        load_text_encoder = cache(load_text_encoder)
        super().encode(load_text_encoder)
        self.blank.copy_(load_text_encoder()(['']).tokens[0, -1])

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Blanks the classes that an image does not show.

        Args:
            batch_size: Number of images B.
            texts: The names of every image's classes, joined by "; ".

        Returns:
            The context, shape (B, N, D).

        Raises:
            RuntimeError: If the images carry no texts.
            ValueError: If a text names something else than the classes.
        """
        rows = [self._rows_of(text) for text in self._require_texts(texts)]
        present = torch.zeros(batch_size, len(self.classes), dtype=torch.bool)
        for image, shown in zip(present, rows, strict=True):
            image[shown] = True
        present = present[..., None].to(self.blank.device)  # (B, N, 1)
        return self.adapt(torch.where(present, self.embeddings, self.blank))

    def example_texts(self, batch_size: int) -> tuple[str, ...]:
        """Makes texts for a pass without data, such as a benchmark's.

        Args:
            batch_size: Number of images B.

        Returns:
            B times the first class.
        """
        return (self._words[0],) * batch_size

    def _rows_of(self, text: str) -> list[int]:
        names = text.split(SEPARATOR)
        for name in names:
            if name not in self._rows:
                raise ValueError(
                    f'{name!r} in the text {text!r} is none of the '
                    f'{len(self.classes)} classes that the prompt knows; join the '
                    f'names of the classes by {SEPARATOR!r}'
                )
        return [self._rows[name] for name in names]
