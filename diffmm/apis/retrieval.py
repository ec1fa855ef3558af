"""Retrieval of photos by sketches with a trained model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from mmengine.dataset import pseudo_collate
from mmengine.registry import TRANSFORMS
from torch import Tensor

from diffmm.models.classifiers import TextAlignedClassifier
from diffmm.visualization import draw_image_grid

from .catalog import get_config, get_model
from .image_input import Picture, to_bgr

_CELL = 160


class Match(NamedTuple):
    """A photo that was found.

    Attributes:
        photo: The photo, as it was given.
        cosine: Cosine between its vector and the sketch's.
    """

    photo: Picture
    cosine: float


class PictureRetriever:
    """A trained `TextAlignedClassifier` that ranks photos by likeness to sketches.

    Args:
        config: Name or file of a config with a ``TextAlignedClassifier``.
        checkpoint: Its trained weights; None takes untrained ones.
        device: Where it runs, for example ``'cuda:0'``.

    Raises:
        ValueError: The config has another kind of model.
    """

    def __init__(
        self,
        config: str | Path,
        checkpoint: str | Path | None = None,
        device: str = 'cpu',
    ) -> None:
        cfg = get_config(config)
        if cfg.model.type != TextAlignedClassifier.__name__:
            raise ValueError(
                f'{config} has a {cfg.model.type}, but retrieval needs a '
                f'{TextAlignedClassifier.__name__}'
            )
        self.model = get_model(cfg, checkpoint, device)
        pipeline = cfg.val_dataloader.dataset.pipeline
        resize = next(step for step in pipeline if step['type'] == 'Resize')
        self._resize = TRANSFORMS.build(resize)
        keys = ('caption',) if self.needs_captions else ()
        self._pack = TRANSFORMS.build(dict(type='PackPicture', keys=keys))

    @property
    def needs_captions(self) -> bool:
        """Tells if every picture needs a caption."""
        return hasattr(self.model.data_preprocessor, 'text_key')

    @torch.no_grad()
    def vectors(
        self,
        pictures: Sequence[Picture],
        captions: Sequence[str] | None = None,
        batch_size: int = 16,
    ) -> Tensor:
        """Computes the vectors of pictures.

        Args:
            pictures: Files, PIL images or BGR arrays.
            captions: A caption for each, where the model needs them.
            batch_size: Pictures a batch.

        Returns:
            Vectors of length 1, (number of pictures, D), on the CPU.

        Raises:
            ValueError: There is not a caption for each picture.
        """
        if self.needs_captions and (captions is None or len(captions) != len(pictures)):
            raise ValueError(
                f'{len(pictures)} pictures need as many captions, got '
                f'{None if captions is None else len(captions)}'
            )
        found = []
        for start in range(0, len(pictures), batch_size):
            part = slice(start, start + batch_size)
            texts = captions[part] if captions is not None else None
            found.append(self._batch(pictures[part], texts))
        return torch.cat(found)

    def rank(
        self,
        sketches: Sequence[Picture],
        photos: Sequence[Picture],
        top: int = 10,
        captions: Mapping[Picture, str] | None = None,
    ) -> list[list[Match]]:
        """Ranks photos for every sketch.

        Args:
            sketches: Files of sketches.
            photos: Files of photos.
            top: Length of the lists.
            captions: Captions by file, where the model needs them.

        Returns:
            For each sketch its nearest photos, the most similar first.

        Raises:
            ValueError: There are no sketches or no photos, or ``top`` is below 1.
        """
        if not sketches or not photos or top < 1:
            raise ValueError(
                f'nothing to rank: {len(sketches)} sketches, {len(photos)} photos, '
                f'top={top}'
            )
        queries, gallery = (
            self.vectors(
                each, None if captions is None else [captions[one] for one in each]
            )
            for each in (sketches, photos)
        )
        top = min(top, len(photos))
        ranking = []
        for query in queries:  # one row of cosines at a time
            best = (gallery @ query).topk(top)
            pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
            ranking.append([Match(photos[i], cosine) for i, cosine in pairs])
        return ranking

    def draw(
        self, sketches: Sequence[Picture], ranking: Sequence[Sequence[Match]]
    ) -> np.ndarray:
        """Draws each sketch and its photos in a row.

        Args:
            sketches: The sketches.
            ranking: What `rank` returned for them.

        Returns:
            RGB picture, uint8.
        """
        cells, captions = [], []
        for sketch, found in zip(sketches, ranking, strict=True):
            cells.append(_cell(sketch))
            captions.append(_name(sketch))
            for match in found:
                cells.append(_cell(match.photo))
                captions.append(f'{_name(match.photo)} {match.cosine:.2f}')
        return draw_image_grid(cells, captions, columns=len(ranking[0]) + 1)

    def _batch(
        self, pictures: Sequence[Picture], texts: Sequence[str] | None
    ) -> Tensor:
        items = []
        for picture, caption in zip(
            pictures, texts or [None] * len(pictures), strict=True
        ):
            image = to_bgr(picture)
            results = dict(img=image, img_shape=image.shape[:2], caption=caption)
            items.append(self._pack(self._resize(results)))
        data = self.model.data_preprocessor(pseudo_collate(items))
        vectors = self.model(data['inputs'], mode='tensor')
        return F.normalize(vectors.float(), dim=1).cpu()


def _cell(picture: Picture) -> np.ndarray:
    size = (_CELL, _CELL)
    return cv2.resize(to_bgr(picture), size, interpolation=cv2.INTER_AREA)[..., ::-1]


def _name(picture: Picture) -> str:
    """The folder of a file is its class."""
    return Path(picture).parent.name if isinstance(picture, (str, Path)) else ''
