"""A prompt of the text that comes with each image."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import torch
from mmengine.logging import print_log
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import Architecture, TextEncoder
from diffmm.diffusion.tokenizer import MAX_TOKENS

from .prompt import Prompt
from .truncation import count_cuts

_CACHE_SIZE = 512
# How textual inversion marks a word.
_WORD = re.compile(r'<[\w-]+>')


@MODELS.register_module()
class TextPrompt(Prompt):
    """The features of all tokens of the text that comes with an image.

    The text is an expression in VPD's referring segmentation (section 3.3). In TADP it
    is a caption, its nouns alone, or the names of the classes that the image shows.
    Begin, end and padding tokens stay in the context; none is masked.

    The frozen text encoder runs at every forward, so it is part of the model and of its
    checkpoints. These store it in half precision, in which CLIP was released, unless
    that would round its weights.

    Example:
        >>> config = dict(
        ...     type='TextPrompt',
        ...     num_tokens=40,
        ...     adapter=dict(type='TextAdapter'))
        >>> backbone = MODELS.build(
        ...     dict(type='StableDiffusionBackbone', arch='mini', prompt=config))
        >>> backbone.prompt(2, ['the red ball', 'the tree on the left']).shape
        torch.Size([2, 40, 128])

    Args:
        width: Width D of the context. The backbone passes its architecture's.
        num_tokens: Tokens L of every text, begin and end included. Shorter texts are
            padded, longer ones cut. VPD: 40 (RefCOCO, RefCOCO+), 77 (G-Ref). TADP: 77.
        adapter: Config of the module applied at every forward; VPD and TADP(TA):
            ``dict(type='TextAdapter')``. TADP: None.
        init_cfg: As in every mmengine module.

    Attributes:
        num_truncated: How many of the texts encoded so far were too long.

    Raises:
        ValueError: If the number of tokens is not from 3 to 77.
    """

    text_encoder: TextEncoder

    def __init__(
        self,
        width: int,
        num_tokens: int = MAX_TOKENS,
        adapter: Mapping | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(width, adapter, init_cfg)
        if not 3 <= num_tokens <= MAX_TOKENS:
            raise ValueError(
                f'num_tokens must be from 3 to {MAX_TOKENS}, got {num_tokens}'
            )
        self.num_tokens = num_tokens
        self.names = tuple(f'token {i}' for i in range(num_tokens))
        self.num_truncated = 0
        self._unknown_words: set[str] = set()
        self._cache: OrderedDict[str, Tensor] = OrderedDict()
        self.register_state_dict_post_hook(_store_half)

    def set_architecture(self, architecture: Architecture) -> None:
        """Builds the text encoder.

        Args:
            architecture: The architecture of the prior.
        """
        self.text_encoder = TextEncoder.build(architecture.text_encoder)
        # Random weights take as much room as CLIP's own. They stay float32 to compute.
        self.text_encoder.half().float()

    def encode(self, load_text_encoder: Callable[[], TextEncoder] | None) -> None:
        """Takes the pre-trained text encoder.

        Args:
            load_text_encoder: Builds it; None leaves random weights.
        """
        if load_text_encoder is not None:
            # Into the same parameters: mmengine refuses new ones in `init_weights`.
            self.text_encoder.load_state_dict(load_text_encoder().state_dict())
            self._cache.clear()

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Encodes the text of every image; equal texts are encoded once.

        Args:
            batch_size: Number of images B.
            texts: B texts.

        Returns:
            The context, shape (B, L, D).

        Raises:
            RuntimeError: If the images carry no texts.
        """
        texts = self._require_texts(texts)
        self._encode_new(dict.fromkeys(texts))
        context = torch.stack([self._cache[text] for text in texts])  # (B, L, D)
        while len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return self.adapt(context)

    def example_texts(self, batch_size: int) -> tuple[str, ...]:
        """Makes texts for a pass without data, such as a benchmark's.

        Args:
            batch_size: Number of images B.

        Returns:
            B texts.
        """
        return ('the red ball on the left',) * batch_size

    def train(self, mode: bool = True) -> TextPrompt:
        """Sets the training mode; the frozen text encoder stays in eval mode."""
        super().train(mode)
        self.text_encoder.eval()
        return self

    def _encode_new(self, texts: Sequence[str]) -> None:
        device = self.text_encoder.device
        new = [text for text in texts if text not in self._cache]
        if new:
            self._count_truncated(new)
            # Under autocast, the cached features would depend on the first caller.
            with torch.autocast(device.type, enabled=False):
                features = self.text_encoder(new, self.num_tokens).tokens
            self._cache.update(zip(new, features, strict=True))
        for text in texts:
            self._cache[text] = self._cache.pop(text).to(device)

    def _count_truncated(self, texts: Sequence[str]) -> None:
        words = self.text_encoder.words
        self._warn_of_unknown_words(texts, words)
        self.num_truncated += count_cuts(
            texts, self.num_tokens, words, self.num_truncated, 'prompt.num_truncated'
        )

    def _warn_of_unknown_words(
        self, texts: Sequence[str], words: tuple[str, ...]
    ) -> None:
        unknown = {word for text in texts for word in _WORD.findall(text)}
        unknown = sorted(unknown.difference(words, self._unknown_words))
        if unknown:
            self._unknown_words.update(unknown)
            print_log(
                f'no learned word is named {unknown}, so such a text is read letter by '
                f'letter; the text encoder has learned {list(words)}. The '
                "backbone's learned_words= takes their files",
                'current',
                level=logging.WARNING,
            )

    def _load_from_state_dict(self, *args: object, **kwargs: object) -> None:
        super()._load_from_state_dict(*args, **kwargs)
        self._cache.clear()


def _store_half(
    module: TextPrompt, state_dict: dict, prefix: str, metadata: dict
) -> None:
    """Halves the weights of the text encoder, unless one of them would change."""
    halves = {
        name: value.half()
        for name, value in state_dict.items()
        if name.startswith(f'{prefix}text_encoder.') and value.is_floating_point()
    }
    if all(torch.equal(half.float(), state_dict[n]) for n, half in halves.items()):
        state_dict.update(halves)


# Its name before captions came stays for the configs that have it.
MODELS.register_module(module=TextPrompt, name='ExpressionPrompt')
