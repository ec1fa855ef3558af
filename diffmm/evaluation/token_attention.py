"""Attention of a pre-trained model, token by token (TADP, supplement A)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from diffmm.diffusion import (
    Architecture,
    FeatureUNet,
    ImageEncoder,
    load_tokenizer,
    open_prior,
)
from diffmm.diffusion.layer_attention import layer_attention_maps
from diffmm.diffusion.schedule import check_timestep
from diffmm.diffusion.tokenizer import MAX_TOKENS, expand_words
from diffmm.models.prompts.truncation import warn_of_cuts

# Width and height have to be multiples of this.
_MULTIPLE = 64


class Word(NamedTuple):
    """A word of a text, as CLIP splits it: at blanks, punctuation and between digits.

    Attributes:
        text: The word in lower case.
        tokens: Positions of its tokens; a word that CLIP does not know has several.
    """

    text: str
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class TokenMaps:
    """Cross-attention maps of one picture.

    Attributes:
        tokens: Name of every token.
        layers: Maps (N, h, w) by layer, see `layer_attention_maps`.
        words: Words of the text, if it is one.
        learned: Learned words, see `load_tokenizer`.
    """

    tokens: tuple[str, ...]
    layers: dict[str, Tensor]
    words: tuple[Word, ...] = ()
    learned: tuple[str, ...] = ()

    @property
    def groups(self) -> dict[str, list[str]]:
        """Layers by what is averaged: all of them, resolutions, and stages of each."""
        groups: dict[str, list[str]] = {'overall': list(self.layers)}
        for label in self.layers:
            stage, side = split_label(label)
            groups.setdefault(side, []).append(label)
            groups.setdefault(f'{stage}{side}', []).append(label)
        return groups

    def mean(self, group: str = 'overall') -> Tensor:
        """Averages the maps of a group on the grid of the finest.

        Args:
            group: One of ``groups``: ``'overall'``, ``'32'``, ``'up32'``.

        Returns:
            Maps, shape (N, h, w).

        Raises:
            ValueError: There is no such group.
        """
        if group not in self.groups:
            raise ValueError(f'group must be one of {list(self.groups)}, got {group!r}')
        maps = [self.layers[label] for label in self.groups[group]]
        size = max(layer.shape[-2:] for layer in maps)
        fine = [
            F.interpolate(layer[None], size, mode='bilinear', align_corners=False)[0]
            for layer in maps
        ]
        return torch.stack(fine).mean(dim=0)

    def find(self, mention: str) -> list[int]:
        """Finds the tokens of a word.

        Args:
            mention: A word, or several that follow one another. A piece of a longer
                `Word` does not count.

        Returns:
            Positions of the first mention.

        Raises:
            ValueError: The text does not mention it.
        """
        known = [word.text for word in self.words]
        wanted = [word.text for word in name_tokens(mention, self.learned)[1]]
        if not wanted:
            raise ValueError(f'a word must not be empty, got {mention!r}')
        for start in range(len(known)):
            stop = start + len(wanted)
            if known[start:stop] == wanted:
                return [one for word in self.words[start:stop] for one in word.tokens]
        raise ValueError(f'{mention!r} is not among the words {known}')


def split_label(label: str) -> tuple[str, str]:
    """Splits the label of a layer into its stage and the side of its maps."""
    kind = label.split('.')[0]
    stage = kind.rstrip('0123456789')
    return stage, kind[len(stage) :]


class TokenAttention:
    """A pre-trained model whose attention is looked at.

    Args:
        pretrained: As for ``open_prior``.
        architecture: Shapes of these weights.
        timestep: Noise level that the UNet is told (TADP: 1); none is added.
        learned_words: Files of learned words, for ``open_prior``.

    Raises:
        ValueError: There is no such noise level.
        WeightsError: The weights are missing, damaged or of another architecture.
    """

    def __init__(
        self,
        pretrained: str | Path,
        architecture: Architecture,
        timestep: int = 1,
        learned_words: Sequence[str | Path] = (),
    ) -> None:
        source = open_prior(pretrained, learned_words=learned_words)
        self.timestep = check_timestep(timestep)
        self.vae = ImageEncoder.build(architecture.vae)
        self.unet = FeatureUNet.build(architecture.unet).eval()
        source.load_into(self.vae, 'vae', architecture)
        source.load_into(self.unet, 'unet', architecture)
        self.text_encoder = source.text_encoder(architecture)

    def of_text(self, image: np.ndarray, text: str) -> TokenMaps:
        """Computes the maps of the tokens of a text, without its padding.

        Padding takes part in the attention, as in TADP.

        Args:
            image: RGB, shape (H, W, 3), uint8; sides are multiples of 64.
            text: The text.

        Returns:
            The maps, the begin and the end token included.

        Raises:
            ValueError: A side is no multiple of 64.
        """
        warn_of_cuts([text], self.text_encoder.words)
        features = self.text_encoder([text])
        maps = self._attend(image, features.tokens)
        length = int(features.lengths[0])
        learned = self.text_encoder.words
        names, words = name_tokens(text, learned)
        layers = {label: layer[:length] for label, layer in maps.items()}
        return TokenMaps(names, layers, words, learned)

    def of_end_tokens(
        self, image: np.ndarray, names: Sequence[str], templates: Sequence[str]
    ) -> TokenMaps:
        """Computes the maps of names whose end tokens are the context (VPD).

        Args:
            image: As for `of_text`.
            names: The names.
            templates: Sentences with ``{}``, over which each name's end token is
                averaged.

        Returns:
            One map for each name.

        Raises:
            ValueError: As `of_text`.
        """
        pooled = [
            self.text_encoder([text.replace('{}', name) for name in names]).pooled
            for text in templates
        ]
        context = torch.stack(pooled).mean(dim=0)[None]  # (1, N, D)
        return TokenMaps(tuple(names), self._attend(image, context))

    @torch.no_grad()
    def _attend(self, image: np.ndarray, context: Tensor) -> dict[str, Tensor]:
        height, width = image.shape[:2]
        if height % _MULTIPLE or width % _MULTIPLE:
            raise ValueError(
                f'the sides of the picture must be multiples of {_MULTIPLE}, got '
                f'{height}x{width}; crop or resize it'
            )
        pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1.0
        latents = self.vae(pixels) * self.vae.config.scaling_factor
        return layer_attention_maps(self.unet, latents, context, self.timestep)


def name_tokens(
    text: str, learned: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[Word, ...]]:
    """Names the tokens of a text and groups them into words, as the tokenizer does.

    Args:
        text: The text.
        learned: Learned words, see `load_tokenizer`.

    Returns:
        The name of every token, the begin and the end token included, and the words.
        A text that is too long ends after 75 tokens; a word that is cut there is none.
    """
    tokenizer = load_tokenizer(learned)
    encoded = tokenizer(expand_words(text, learned), verbose=False)
    ids = encoded.input_ids
    pieces = [tokenizer.decode([one]).strip() for one in ids[1:-1]][: MAX_TOKENS - 2]
    groups: dict[int, list[int]] = {}
    for position, number in enumerate(encoded.word_ids()):
        if number is not None:  # neither begin nor end
            groups.setdefault(number, []).append(position)
    words = tuple(
        Word(tokenizer.decode([ids[index] for index in group]).strip(), tuple(group))
        for group in groups.values()
        if group[-1] <= len(pieces)
    )
    return ('begin', *pieces, 'end'), words


def spread(attention: Tensor) -> Tensor:
    """Measures how diffuse maps are.

    Args:
        attention: Maps, shape (N, h, w), not negative.

    Returns:
        Entropy of each map over the entropy of a constant one, shape (N,): 1 is
        constant, 0 a single cell.
    """
    cells = attention.flatten(1)
    shares = cells / cells.sum(dim=1, keepdim=True)
    entropy = torch.special.entr(shares).sum(dim=1)
    return entropy / np.log(cells.shape[1])


def paste(base: np.ndarray, item: np.ndarray, left: int, top: int) -> np.ndarray:
    """Pastes a picture into another (TADP, Figure S2).

    Args:
        base: RGB, shape (H, W, 3), uint8.
        item: RGB, or RGBA whose transparent pixels stay out, shape (h, w, 3 or 4).
        left: Column of its left edge.
        top: Row of its upper edge.

    Returns:
        The new picture.

    Raises:
        ValueError: The item does not lie inside.
    """
    height, width = item.shape[:2]
    if left < 0 or top < 0 or top + height > len(base) or left + width > base.shape[1]:
        raise ValueError(
            f'a picture of {height}x{width} at column {left} and row {top} does not '
            f'lie inside one of {base.shape[0]}x{base.shape[1]}'
        )
    opacity = np.ones((height, width, 1))
    if item.shape[2] == 4:
        opacity = item[..., 3:] / 255
    result = base.copy()
    under = result[top : top + height, left : left + width]
    mixed = opacity * item[..., :3] + (1 - opacity) * under
    result[top : top + height, left : left + width] = mixed.round()
    return result
