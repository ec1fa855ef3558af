"""The names of classes as text features: the weights of classifiers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import CLIPTextModelWithProjection

from diffmm.diffusion import TextEncoder, WeightsError, load_architecture, open_prior
from diffmm.utils.class_names import (
    check_repeats,
    read_class_file,
    resolve_class_names,
    split_synonyms,
)

from ..prompts import ClassNamePrompt
from ..prompts.templates import resolve_templates

# Of a digest; an integer of 64 bits holds them.
_BYTES = 7


class ClassTexts:
    """The names of a classifier's classes, and how they become features.

    The features of a class are averaged over templates, and over its words where a name
    has several ("building, edifice"), before they get length 1.

    Args:
        num_classes: Number of classes.
        dataset: Registered name of a data set class whose ``METAINFO`` has ``classes``.
        classes: The names themselves, in the order of the labels.
        class_file: A file of them, see `read_class_file`. Read when it is needed first.
        template: A template set, a sentence with ``{}``, or several of these.
        arch: Architecture of the prior whose text encoder is used.
        pretrained: Its weights, as in ``StableDiffusionBackbone``.
        projection: A hub id or a folder of CLIP whose projection of text is used; None
            for the features as they leave the encoder.

    Attributes:
        width: Width D of the features.

    Raises:
        ValueError: Names come from no place or from several, are of another number, or
            repeat.
    """

    def __init__(
        self,
        num_classes: int,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        class_file: str | Path | None = None,
        template: str | Sequence[str] = 'a photo of a {}',
        arch: str | Mapping = 'sd15',
        pretrained: str | Path | None = None,
        projection: str | None = None,
    ) -> None:
        given = [each for each in (dataset, classes, class_file) if each is not None]
        if len(given) != 1:
            raise ValueError(
                'the head needs either classes or a class_file or a dataset, got '
                f'classes={classes!r}, class_file={class_file and str(class_file)!r} '
                f'and dataset={dataset!r}'
            )
        self.arch = arch
        self.architecture = load_architecture(arch)
        self.width = self.architecture.context_width
        self.pretrained = pretrained
        self.projection = projection
        self.templates = resolve_templates(template)
        self.num_classes = num_classes
        self._class_file = None if class_file is None else Path(class_file)
        self._names: tuple[str, ...] | None = None
        if class_file is None:
            names = resolve_class_names(dataset, classes)
            if len(names) != num_classes:
                raise ValueError(
                    f'num_classes={num_classes}, but there are {len(names)} classes'
                )
            check_repeats(names, dataset or 'the list of classes')
            self._names = names

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order of the labels.

        Raises:
            FileNotFoundError: There is no class file.
            ValueError: It has another number of names, or repeats one.
        """
        if self._names is None:
            names = read_class_file(self._class_file, self.num_classes)
            check_repeats(names, str(self._class_file))
            self._names = names
        return self._names

    @property
    def are_known(self) -> bool:
        """Tells if the names can be read."""
        return self._names is not None or self._class_file.is_file()

    def with_names(self, names: Sequence[str]) -> ClassTexts:
        """Makes the same of other names.

        Args:
            names: The names, two or more.

        Returns:
            Texts of these names.

        Raises:
            ValueError: There are fewer than two names, or one repeats.
        """
        names = resolve_class_names(None, names)
        if len(names) < 2:
            raise ValueError(f'there is nothing to tell apart: classes={list(names)}')
        return ClassTexts(
            len(names),
            classes=names,
            template=self.templates,
            arch=self.arch,
            pretrained=self.pretrained,
            projection=self.projection,
        )

    def digest(self) -> int:
        """Number that other names, templates or features do not have."""
        parts = [self.names, self.templates, self.projection]
        found = hashlib.sha256(json.dumps(parts).encode()).digest()
        return int.from_bytes(found[:_BYTES], 'big')

    def load_encoder(self) -> TextEncoder:
        """Reads the text encoder of the prior.

        Raises:
            WeightsError: The weights are missing, damaged or of another model.
        """
        if self.pretrained is None:
            raise WeightsError(
                f'the {len(self.names)} classes must be encoded, but pretrained=None '
                'names no weights of a text encoder'
            )
        return open_prior(self.pretrained).text_encoder(self.architecture)

    @torch.no_grad()
    def encode(self, encoder: TextEncoder) -> Tensor:
        """Encodes the names.

        Args:
            encoder: The prior's text encoder.

        Returns:
            Features of length 1, (number of classes, D).

        Raises:
            ValueError: Two names are the same to the text encoder, as when they differ
                behind its last token only.
            WeightsError: The projection cannot be read.
        """
        words = [split_synonyms(name) or [name] for name in self.names]
        flat = [word for each in words for word in each]
        prompt = ClassNamePrompt(self.width, classes=flat, template=self.templates)
        parts = prompt.encode_text(encoder).split([len(each) for each in words])
        features = torch.stack([part.mean(0) for part in parts])  # (classes, D)
        if self.projection is not None:
            features = features @ self._read_projection().T.to(features.device)
        return F.normalize(features, dim=1)

    def _read_projection(self) -> Tensor:
        try:
            model = CLIPTextModelWithProjection.from_pretrained(self.projection)
        except OSError as error:
            reason = str(error).strip().split('\n')[0][:200]
            raise WeightsError(
                f'projection={self.projection!r} is no folder of CLIP and cannot be '
                f'downloaded ({reason})'
            ) from error
        weight = model.text_projection.weight.detach()
        if weight.shape != (self.width, self.width):
            raise WeightsError(
                f'the projection of {self.projection} has the shape '
                f'{tuple(weight.shape)}, but the text features are {self.width} wide'
            )
        return weight


class TextWeights:
    """Mixin of heads that compare with class names: their weights are text features.

    Attributes:
        texts: The names.
        text_features: Their features, (number of classes, D), a buffer.
    """

    texts: ClassTexts
    text_features: Tensor

    def init_weights(self) -> None:
        """Initializes the layers and encodes the names.

        Raises:
            FileNotFoundError: There is no class file.
            ValueError: It has another number of classes, or two names are the same to
                the text encoder.
            WeightsError: The weights are missing, damaged or of another model.
        """
        super().init_weights()
        if self.texts.pretrained is not None:
            self.encode(self.texts.load_encoder())

    def encode(self, encoder: TextEncoder) -> None:
        """Encodes the names of the classes with a text encoder.

        Args:
            encoder: The prior's.
        """
        self.text_features.copy_(self.texts.encode(encoder))
