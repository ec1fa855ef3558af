"""A prompt of the names of a data set's classes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from mmengine.registry import MODELS
from torch import Tensor
from tqdm import tqdm

from diffmm.diffusion import TextEncoder, WeightsError, load_tokenizer, read_tensor
from diffmm.diffusion.tokenizer import MAX_TOKENS, expand_words
from diffmm.utils.class_names import resolve_class_names

from .static_prompts import StaticTextPrompt
from .templates import resolve_templates
from .truncation import find_cuts, warn_of_cut

FEATURES = ('pooled', 'tokens', 'first', 'sequence', 'sentence')


@MODELS.register_module()
class ClassNamePrompt(StaticTextPrompt):
    """The names of the classes of a data set, the same for every image.

    Example:
        >>> config = dict(
        ...     type='ClassNamePrompt',
        ...     classes=['sky', 'tree', 'traffic light'],
        ...     template='vpd',
        ...     adapter=dict(type='TextAdapter'))
        >>> prompt = MODELS.build(config | dict(width=128))
        >>> prompt(2).shape
        torch.Size([2, 3, 128])

    Args:
        width: Width D of the context. The backbone passes its architecture's.
        dataset: Registered name of a data set class whose ``METAINFO`` has ``classes``.
        classes: The class names themselves, instead of ``dataset``.
        template: Name of a template set (``'vpd'``: "a photo of a {}", ``'imagenet'``:
            the 80 ImageNet templates, ``'name'``: the name alone), a sentence with
            ``{}``, or several. Features of several templates are averaged.
        features: What becomes a token of the context.

            - ``'pooled'``: of every name the feature at the end-of-text token. VPD's
              released ``class_embeddings.pth``; TADP's average templates.
            - ``'tokens'``: the word pieces of every name; the attention maps of a name
              are summed, so there is one map per class.
            - ``'first'``: the first word piece of every name (TADP's class names in
              detection).
            - ``'sequence'``: the begin token of the first name, then the word pieces of
              all; one map per token (TADP's ClassEmbs, ``template='name'``).
            - ``'sentence'``: one text of all names, joined by blanks, and all of its 77
              tokens; one map per token (TADP's ClassNames, ``template='name'``).
        embeddings: A file of features that were computed before, shape (number of
            classes, D): VPD's released ``class_embeddings.pth``, or one that
            ``tools/encoders/encode_class_names.py`` wrote. Only with ``'pooled'``.
        adapter: Config of the module applied at every forward; VPD:
            ``dict(type='TextAdapter')``.
        init_cfg: As in every mmengine module.

    Attributes:
        classes: The class names.

    Raises:
        ValueError: On an unknown template set or kind of features, or if no class
            names are known.
    """

    def __init__(
        self,
        width: int,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        template: str | Sequence[str] = 'vpd',
        features: str = 'pooled',
        embeddings: str | Path | None = None,
        adapter: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        if features not in FEATURES:
            raise ValueError(f'features must be one of {FEATURES}, got {features!r}')
        if embeddings is not None and features != 'pooled':
            raise ValueError(
                f'embeddings={str(embeddings)!r} holds one feature per class, so it '
                f"needs features='pooled', got {features!r}"
            )
        classes = resolve_class_names(dataset, classes)
        self.templates = resolve_templates(template)
        # Some data sets join the words of a name by '_'.
        self._words = [name.replace('_', ' ') for name in classes]
        self._features = features
        self._learned: tuple[str, ...] = ()
        # Tokens of every name; those of a sentence are not told apart.
        self._pieces = [1] * len(classes)
        if features != 'pooled':
            self._pieces = self._count_pieces(classes)
        if features == 'first':
            self._pieces = [1] * len(classes)
        num_tokens = sum(self._pieces) + (features == 'sequence')
        if features == 'sentence':
            num_tokens = MAX_TOKENS
        super().__init__(width, num_tokens, adapter, init_cfg)
        self.classes = classes
        self.names = self._name_maps()
        self._file = embeddings

    def encode(self, load_text_encoder: Callable[[], TextEncoder] | None) -> None:
        """Reads the embeddings file if there is one, else encodes the names.

        Args:
            load_text_encoder: Builds the prior's text encoder; None leaves the noise.

        Raises:
            ValueError: If two names are the same to the text encoder.
            WeightsError: If the file's shape is not (number of classes, D).
        """
        if self._file is None:
            super().encode(load_text_encoder)
            return
        features = read_tensor(self._file)
        if features.shape != self.embeddings.shape:
            raise WeightsError(
                f'{self._file} has shape {tuple(features.shape)}, but there are '
                f'{len(self.classes)} classes and the context is {self.width} wide; '
                'write one for this data set with tools/encoders/encode_class_names.py'
            )
        self.embeddings.copy_(features)

    def encode_text(self, text_encoder: TextEncoder) -> Tensor:
        """Encodes every name in every template and averages over templates.

        Args:
            text_encoder: The prior's text encoder.

        Returns:
            Features of shape (N, D).

        Raises:
            ValueError: If two names are the same to the text encoder, or a name that is
                read piece by piece is a learned word.
        """
        self._check_learned(text_encoder.words)
        self._warn_of_cuts()
        # On a CPU, hundreds of names in many templates take minutes.
        bar = tqdm(self.templates, 'Encoding names', unit='template', delay=5)
        features = [self._encode(text_encoder, template) for template in bar]
        features = torch.stack(features).mean(0)  # (N, D)
        self._check_distinct(features)
        return features

    def pool_maps(self, attention_map: Tensor) -> Tensor:
        """Sums the maps of a name's word pieces, with ``features='tokens'``.

        Args:
            attention_map: Probabilities per token, shape (B, N, h, w).

        Returns:
            Probabilities per name, shape (B, len(names), h, w).
        """
        if self._features != 'tokens':
            return attention_map
        maps = attention_map.split(self._pieces, dim=1)
        return torch.stack([m.sum(dim=1) for m in maps], dim=1)

    def _sentences(self, template: str) -> list[str]:
        # Not str.format: the sentence may hold other braces.
        words = self._words
        if self._features == 'sentence':
            words = [' '.join(words)]
        return [template.replace('{}', word) for word in words]

    def _encode(self, text_encoder: TextEncoder, template: str) -> Tensor:
        """Features of the names in one template, (N, D)."""
        texts = text_encoder(self._sentences(template))
        if self._features == 'pooled':
            return texts.pooled
        if self._features == 'sentence':
            return texts.tokens[0]
        start = _start(template, text_encoder.words)
        parts = [
            row[start : start + count]
            for row, count in zip(texts.tokens, self._pieces, strict=True)
        ]
        if self._features == 'sequence':
            parts.insert(0, texts.tokens[0, :1])
        return torch.cat(parts)

    def _count_pieces(self, classes: Sequence[str]) -> list[int]:
        # The end token keeps its place behind a name that is cut.
        room = MAX_TOKENS - 1 - max(map(_start, self.templates))
        pieces = [min(_num_pieces(word), room) for word in self._words]
        if 0 in pieces:
            raise ValueError(
                f'class name {classes[pieces.index(0)]!r} has no word pieces for '
                f'features={self._features!r}: give the class a name with letters'
            )
        return pieces

    def _name_maps(self) -> tuple[str, ...]:
        """One name for every attention map."""
        if self._features == 'sentence':
            return tuple(f'token {i}' for i in range(MAX_TOKENS))
        if self._features != 'sequence':
            return self.classes
        pieces = zip(self.classes, self._pieces, strict=True)
        names = [f'{name}, piece {i}' for name, count in pieces for i in range(count)]
        return ('begin', *names)

    def _check_learned(self, words: tuple[str, ...]) -> None:
        """Refuses names whose number of tokens was counted without learned words."""
        self._learned = words
        if self._features not in ('tokens', 'sequence'):
            return
        for name, count in zip(self._words, self._pieces, strict=True):
            if any(word in name for word in words) and _num_pieces(name, words) < count:
                raise ValueError(
                    f'the class name {name!r} has a learned word, and '
                    f'features={self._features!r} counts its tokens before words are '
                    "read; take features='pooled', 'first' or 'sentence'"
                )

    def _warn_of_cuts(self) -> None:
        warned = set()
        for template in self.templates:
            sentences = self._sentences(template)
            owners = [f'the class {name!r}' for name in self.classes]
            if self._features == 'sentence':
                owners = ['the text of all class names']
            cuts = find_cuts(sentences, MAX_TOKENS, self._learned)
            for owner, sentence in zip(owners, sentences, strict=True):
                if sentence in cuts and owner not in warned:
                    warned.add(owner)
                    warn_of_cut(owner, cuts[sentence], MAX_TOKENS, 'shorten it')

    def _check_distinct(self, features: Tensor) -> None:
        """Refuses names of the same tokens, and warns of words the encoder mixes up."""
        if self._features == 'sentence':
            return
        rows = features[self._features == 'sequence' :].split(self._pieces)
        first: dict[bytes, int] = {}
        confused = []
        for number, row in enumerate(rows):
            other = first.setdefault(row.cpu().numpy().tobytes(), number)
            if self.classes[other] == self.classes[number]:
                continue  # the same class, or one that comes twice
            pair = f'{self.classes[other]!r} and {self.classes[number]!r}'
            if self._same_tokens(other, number):
                raise ValueError(
                    f'the classes {pair} have the same embedding, with '
                    f'features={self._features!r}: they must differ within their '
                    f'first {MAX_TOKENS} tokens, and by more than capital letters'
                )
            confused.append(pair)
        if confused:
            warnings.warn(
                f'the text encoder does not know the words of {len(confused)} of '
                f'{len(self.classes)} classes and gives them the embedding of another '
                f'({confused[0]}, for instance)',
                stacklevel=2,
            )

    def _same_tokens(self, one: int, other: int) -> bool:
        tokenize = load_tokenizer(self._learned)
        for template in self.templates:
            sentences = self._sentences(template)
            pair = [sentences[one], sentences[other]]
            ids = tokenize(pair, truncation=True, max_length=MAX_TOKENS).input_ids
            # The encoder is causal: a piece knows what stands before it.
            first = self._features == 'first'
            end = _start(template, self._learned) + 1 if first else None
            if ids[0][:end] != ids[1][:end]:
                return False
        return True


def _start(template: str, words: tuple[str, ...] = ()) -> int:
    """Position of a name: behind the begin token and the words before it."""
    return 1 + _num_pieces(template.split('{}')[0], words)


def _num_pieces(text: str, words: tuple[str, ...] = ()) -> int:
    """Word pieces of a text, without the begin and end tokens."""
    text = expand_words(text, words)
    return len(load_tokenizer(words)(text, add_special_tokens=False).input_ids)
