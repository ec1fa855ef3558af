"""Textual inversion: a new word for what a few pictures show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from diffmm.diffusion import WeightsError, load_tokenizer
from diffmm.diffusion.weights import write_word

from .text_to_image_diffusion import TextToImageDiffusion


@MODELS.register_module()
class TextualInversion(TextToImageDiffusion):
    """A text-to-image model that learns the vectors of one word and nothing else.

    `Gal et al. <https://arxiv.org/abs/2208.01618>`_; TADP, section 4.3 and supplement
    D.1. The captions of the pictures name the word. ``learned_words`` of a backbone
    takes what ``write_result`` writes, and so does ``load_textual_inversion`` of
    diffusers' pipelines.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='TextualInversion', word='<dusk>', initializer='night'))
        >>> from mmengine.structures import BaseDataElement
        >>> sample = BaseDataElement(metainfo=dict(captions=['a street at <dusk>']))
        >>> list(model(torch.zeros(1, 4, 16, 16), [sample], mode='loss'))
        ['loss_noise']
        >>> [name for name, p in model.named_parameters() if p.requires_grad]
        ['text.model.embeddings.token_embedding.word_vectors']

    Args:
        word: The new word; by custom in angle brackets. TADP: ``<night>``,
            ``<watercolor>``, ``<comic>``.
        initializer: A word of one token, whose vector the new one starts from. TADP:
            watercolor and comic; that of ``<night>`` is not known.
        num_vectors: Number of vectors (TADP: 1). Each starts from the initializer.
        **options: Of `TextToImageDiffusion`. ``captions`` leave no text out by default.

    Raises:
        ValueError: The word is a token already, the initializer is none, or the number
            is not positive.
    """

    def __init__(
        self, word: str, initializer: str, num_vectors: int = 1, **options: Any
    ) -> None:
        options.setdefault('captions', dict(empty_share=0.0))
        super().__init__(**options)
        if num_vectors < 1:
            raise ValueError(f'num_vectors must be at least 1, got {num_vectors}')
        ids = load_tokenizer()(initializer, add_special_tokens=False).input_ids
        if len(ids) != 1:
            raise ValueError(
                f'the initializer must be a word of one token, got {initializer!r} of '
                f'{len(ids)}'
            )
        self.word = word
        self._initial_id = ids[0]
        self.requires_grad_(False)
        table = self.text.table
        names = [f'{word}_{index}' if index else word for index in range(num_vectors)]
        table.add(dict.fromkeys(names, table.weight.new_zeros(table.embedding_dim)))
        table.word_vectors = nn.Parameter(table.word_vectors)
        self._start()

    def init_weights(self) -> None:
        """Reads the model, and starts the word from its initializer.

        Raises:
            WeightsError: The model is missing, damaged or of another architecture.
        """
        super().init_weights()
        self._start()

    def train(self, mode: bool = True) -> TextualInversion:
        """Sets the training mode; the frozen networks stay in eval mode."""
        super().train(mode)
        self.unet.eval()
        return self

    def loss(
        self, latents: Tensor, captions: Sequence[Sequence[str]]
    ) -> dict[str, Tensor]:
        """Computes the loss of `TextToImageDiffusion`.

        Args:
            latents: As there.
            captions: As there; each image needs one that names the word.

        Returns:
            ``loss_noise``.

        Raises:
            ValueError: None of an image's captions names the word, so that nothing
                would be learned of it.
        """
        for choice in captions:
            if not any(self.word in text for text in choice):
                raise ValueError(
                    f'the captions of a picture must name the word {self.word!r}, got '
                    f'{list(choice)}'
                )
        return super().loss(latents, captions)

    @property
    def vectors(self) -> Tensor:
        """The learned vectors of the word, shape (number of vectors, D)."""
        return self.text.table.word_vectors

    def write_result(self, folder: Path) -> Path:
        """Writes the word.

        Args:
            folder: Folder for ``learned_embeds.safetensors``.

        Returns:
            The file.
        """
        path = Path(folder) / 'learned_embeds.safetensors'
        write_word(self.word, self.vectors, path)
        return path

    @torch.no_grad()
    def _start(self) -> None:
        vector = self.text.table.weight[self._initial_id]
        if self.pretrained is not None and not vector.any():
            word = load_tokenizer().decode([self._initial_id]).strip()
            raise WeightsError(
                f'the text encoder of {self.pretrained} never saw the initializer '
                f'{word!r}; choose a word that its captions have'
            )
        self.vectors.copy_(vector.expand_as(self.vectors))
