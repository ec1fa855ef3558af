"""Texts that training images are captioned with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from diffmm.utils.nouns import MentionedClasses


@dataclass(frozen=True)
class Condition:
    """Text that one image is generated from.

    Attributes:
        text: A sentence; the context is its tokens.
        names: Class names instead: the context is one token per name, as in VPD.
    """

    text: str = ''
    names: tuple[str, ...] = ()


class CaptionMixture:
    """Draws the form in which an image's text enters cross-attention.

    Perception methods give a text-to-image model other texts than captions: VPD gives
    one pooled token for every class name, whether the image shows the class or not. A
    small model only understands the forms that it was trained on. The classes of an
    image are read from its captions, never from an annotation.

    All random numbers come from torch's default generator.

    Args:
        class_names: Nouns to look for in captions. Without them, every text is a
            caption or empty.
        empty_share: Share of empty texts, for classifier-free guidance (Stable
            Diffusion: 0.1).
        noun_share: Share of bare lists of the nouns of the captions.
        class_share: Share of contexts with one token per class name.
        absent_share: Share of those contexts that also hold names of classes that the
            captions do not mention: a random number of them, up to all.

    Raises:
        ValueError: A share is negative, the shares exceed 1, or a form that needs
            class names has a share, but there are no names.
    """

    def __init__(
        self,
        class_names: Sequence[str] = (),
        empty_share: float = 0.1,
        noun_share: float = 0.0,
        class_share: float = 0.0,
        absent_share: float = 0.5,
    ) -> None:
        shares = (empty_share, noun_share, class_share)
        if min(*shares, absent_share) < 0 or sum(shares) > 1 or absent_share > 1:
            raise ValueError(
                'empty_share, noun_share and class_share must be shares of one whole, '
                f'and absent_share a share of its own, got {shares} and {absent_share}'
            )
        if noun_share + class_share > 0 and not class_names:
            raise ValueError(
                f'noun_share={noun_share} and class_share={class_share} need '
                'class_names to look for in the captions'
            )
        self.class_names = tuple(class_names)
        self._mentioned = MentionedClasses(self.class_names)
        self.empty_share = empty_share
        self.noun_share = noun_share
        self.class_share = class_share
        self.absent_share = absent_share

    def draw(self, captions: Sequence[str]) -> Condition:
        """Draws the text of one image.

        Args:
            captions: Its captions, at least one.

        Returns:
            One of the captions, the empty text, a list of nouns, or class names.

        Raises:
            ValueError: There is no caption.
        """
        if not captions:
            raise ValueError('an image is without a caption; give each at least one')
        chance = torch.rand(()).item()
        if chance < self.empty_share:
            return Condition()
        chance -= self.empty_share
        present = []
        if chance < self.noun_share + self.class_share:
            present = _shuffled(self.find_names(captions))
        if not present:
            index = torch.randint(len(captions), ()).item()
            return Condition(text=captions[index])
        if chance < self.noun_share:
            return Condition(text=', '.join(present))
        return Condition(names=tuple(present + self._absent(present)))

    def find_names(self, captions: Sequence[str]) -> list[str]:
        """Finds the class names that occur in captions.

        Args:
            captions: Captions of one image.

        Returns:
            Names in the order of ``class_names``; plurals count.
        """
        found = set().union(*map(self._mentioned.find, captions))
        return [self.class_names[index] for index in sorted(found)]

    def _absent(self, present: Sequence[str]) -> list[str]:
        others = [name for name in self.class_names if name not in present]
        if not others or torch.rand(()).item() >= self.absent_share:
            return []
        count = 1 + torch.randint(len(others), ()).item()
        return _shuffled(others)[:count]


def _shuffled(items: list[str]) -> list[str]:
    return [items[index] for index in torch.randperm(len(items)).tolist()]
