"""A prompt of the names of a data set's classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from mmengine.registry import MODELS
from torch import Tensor

from diffmm.diffusion import TextEncoder, WeightsError, load_tokenizer, read_tensor

from .class_names import resolve_class_names, resolve_templates
from .static_prompts import StaticTextPrompt

FEATURES = ('pooled', 'tokens')


@MODELS.register_module()
class ClassNamePrompt(StaticTextPrompt):
    """One prompt per class of a data set.

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
            the 80 ImageNet templates, ``'name'``: the name alone) or a sentence
            with ``{}``. Features of several templates are averaged.
        features: ``'pooled'`` gives one token per class, the feature at the
            end-of-text token (VPD's released ``class_embeddings.pth``). ``'tokens'``
            gives one token per word piece of the name; the attention maps of a name are
            summed, so there is one map per class either way.
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
        template: str = 'vpd',
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
        names = resolve_class_names(dataset, classes)
        self.templates = resolve_templates(template)
        # Some data sets join the words of a name by '_'.
        self._words = [name.replace('_', ' ') for name in names]
        pieces = [1] * len(names)
        if features == 'tokens':
            pieces = [_num_pieces(word) for word in self._words]
            if 0 in pieces:
                raise ValueError(
                    f'class name {names[pieces.index(0)]!r} has no word pieces for '
                    "features='tokens': give the class a name with letters"
                )
        super().__init__(width, sum(pieces), adapter, init_cfg)
        self.classes = self.names = names
        self._features = features
        self._file = embeddings
        self._pieces = pieces

    def encode(self, load_text_encoder: Callable[[], TextEncoder] | None) -> None:
        """Reads the embeddings file if there is one, else encodes the names.

        Args:
            load_text_encoder: Builds the prior's text encoder; None leaves the noise.

        Raises:
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
        """
        encode = self._pooled if self._features == 'pooled' else self._name_tokens
        return torch.stack([encode(text_encoder, t) for t in self.templates]).mean(0)

    def pool_maps(self, attention_map: Tensor) -> Tensor:
        """Sums the maps of a name's word pieces.

        Args:
            attention_map: Probabilities per token, shape (B, N, h, w).

        Returns:
            Probabilities per class, shape (B, number of classes, h, w).
        """
        if self._features == 'pooled':
            return attention_map
        maps = attention_map.split(self._pieces, dim=1)
        return torch.stack([m.sum(dim=1) for m in maps], dim=1)

    def _sentences(self, template: str) -> list[str]:
        # Not str.format: the sentence may hold other braces.
        return [template.replace('{}', word) for word in self._words]

    def _pooled(self, text_encoder: TextEncoder, template: str) -> Tensor:
        return text_encoder(self._sentences(template)).pooled

    def _name_tokens(self, text_encoder: TextEncoder, template: str) -> Tensor:
        """Features at the positions of the names themselves, (N, D)."""
        tokens = text_encoder(self._sentences(template)).tokens
        # Behind the begin token and the words before the name.
        start = 1 + _num_pieces(template.split('{}')[0])
        return torch.cat(
            [
                row[start : start + count]
                for row, count in zip(tokens, self._pieces, strict=True)
            ]
        )


def _num_pieces(text: str) -> int:
    """Word pieces of a text, without the begin and end tokens."""
    return len(load_tokenizer()(text, add_special_tokens=False).input_ids)
