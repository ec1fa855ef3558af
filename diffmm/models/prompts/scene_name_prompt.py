"""A prompt of the name of the place that an image shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.registry import MODELS
from torch import Tensor

from .class_name_prompt import ClassNamePrompt

_UNKNOWN = ('error', 'mean')


@MODELS.register_module()
class SceneNamePrompt(ClassNamePrompt):
    """One token per image: the encoded name of its scene.

    VPD's depth estimation. With one token the softmax over tokens is 1 everywhere, so
    the text adds the same vector at every pixel: a bias that depends on the scene.
    There is no attention map worth capturing.

    The text of an image must be one of the scenes' names. The data set decides which:
    the first name that the image's path contains (VPD), or an exact match
    (mmsegmentation).

    Example:
        >>> config = dict(
        ...     type='SceneNamePrompt',
        ...     classes=['kitchen', 'office'],
        ...     adapter=dict(type='TextAdapter'))
        >>> prompt = MODELS.build(config | dict(width=128))
        >>> prompt(2, ['office', 'kitchen']).shape
        torch.Size([2, 1, 128])

    Args:
        width: Width D of the context. The backbone passes its architecture's.
        dataset: Registered name of a data set class whose ``METAINFO['classes']`` are
            the scenes; mmsegmentation's ``'NYUDataset'`` has the 27 of NYUv2 in the
            order of VPD's ``nyu_class_embeddings.pth``.
        classes: The scenes themselves, instead of ``dataset``.
        template: As in `ClassNamePrompt`. VPD: ``'imagenet'``, a mean of 80.
        embeddings: As in `ClassNamePrompt`.
        unknown: ``'error'`` (VPD) refuses an image whose text is missing or none of the
            scenes. ``'mean'`` takes the mean of all scenes for it (mmsegmentation), for
            instance for a picture that belongs to no data set.
        adapter: As in `ClassNamePrompt`.
        init_cfg: As in every mmengine module.

    Raises:
        ValueError: As `ClassNamePrompt`, and if ``unknown`` is neither of the two.
    """

    def __init__(
        self,
        width: int,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        template: str = 'imagenet',
        embeddings: str | Path | None = None,
        unknown: str = 'error',
        adapter: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        if unknown not in _UNKNOWN:
            raise ValueError(f'unknown must be one of {_UNKNOWN}, got {unknown!r}')
        super().__init__(
            width,
            dataset,
            classes,
            template,
            embeddings=embeddings,
            adapter=adapter,
            init_cfg=init_cfg,
        )
        self.names = ('scene',)
        self.unknown = unknown
        self._rows = {name: row for row, name in enumerate(self.classes)}

    def forward(self, batch_size: int, texts: Sequence[str] | None = None) -> Tensor:
        """Looks up the scene of every image.

        Args:
            batch_size: Number of images B.
            texts: The scenes of B images.

        Returns:
            The context, shape (B, 1, D).

        Raises:
            RuntimeError: If the images carry no texts and ``unknown='error'``.
            ValueError: If a text is none of the scenes and ``unknown='error'``.
        """
        if texts is None and self.unknown == 'mean':
            texts = ('no scene',) * batch_size
        rows = [self._row(text) for text in self._require_texts(texts)]
        table = torch.cat([self.embeddings, self.embeddings.mean(0, keepdim=True)])
        context = table[rows][:, None]  # (B, 1, D)
        return self.adapt(context)

    def scenes_of(self, category_ids: Tensor) -> tuple[str, ...]:
        """Names of the scenes that mmsegmentation's ``NYUDataset`` numbers.

        Args:
            category_ids: Numbers of B scenes; -1 stands for an unknown one.

        Returns:
            B texts.
        """
        ids = category_ids.tolist()
        return tuple(self.classes[i] if i >= 0 else 'unknown scene' for i in ids)

    def example_texts(self, batch_size: int) -> tuple[str, ...]:
        """Makes texts for a pass without data, such as a benchmark's.

        Args:
            batch_size: Number of images B.

        Returns:
            B times the first scene.
        """
        return self.classes[:1] * batch_size

    def _row(self, text: str) -> int:
        if text not in self._rows and self.unknown == 'error':
            raise ValueError(
                f'scene {text!r} is none of the {len(self.classes)} that the prompt '
                f'knows ({", ".join(self.classes)}); correct it in the data set or set '
                "unknown='mean'"
            )
        return self._rows.get(text, len(self.classes))
