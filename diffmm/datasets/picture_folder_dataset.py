"""Data set of a few pictures that share their captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.registry import DATASETS

from diffmm.utils.class_names import read_lines

from .captioning.pictures import find_pictures
from .image_caption_dataset import ImageCaptionDataset

# Of textual inversion (Gal et al.) for a style.
STYLE_TEMPLATES = tuple(
    f'{phrase} in the style of {{}}'
    for phrase in (
        *('a painting', 'a rendering', 'a cropped painting', 'the painting'),
        *('a clean painting', 'a dirty painting', 'a dark painting', 'a picture'),
        *('a cool painting', 'a close-up painting', 'a bright painting'),
        *('a cropped painting', 'a good painting', 'a close-up painting'),
        *('a rendition', 'a nice painting', 'a small painting', 'a weird painting'),
        'a large painting',
    )
)


@DATASETS.register_module()
class PictureFolderDataset(ImageCaptionDataset):
    """Pictures of a folder, to personalize a text-to-image model.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='PictureFolderDataset', data_root='data/pictures', word='<night>',
        ...     lazy_init=True))
        >>> dataset.texts[0]
        'a painting in the style of <night>'

    Args:
        word: What takes the place of ``{}`` in the captions.
        captions: Captions of every picture; the 19 templates of textual inversion for a
            style by default (TADP). DreamBooth has one (TADP: ``an image in sks
            style``).
        num_pictures: Takes that many pictures, drawn by ``seed``; None takes all. TADP:
            500 of Dark Zurich, 5 of Watercolor2k and Comic2k (10 for DreamBooth).
        seed: Seed of that choice (released: 42).
        flip_prob: Probability that a picture is mirrored (textual inversion: 0.5).
        ann_file: A list of names without extension, such as VOC's
            ``ImageSets/Main/train.txt``; other pictures of the folder do not count.
        size: As for `ImageCaptionDataset`.
        **kwargs: Of ``mmengine.dataset.BaseDataset``: ``data_root``, and the folder of
            the pictures below it as ``data_prefix=dict(img_path=...)``.

    Raises:
        ValueError: There is no caption, or a number is out of range.
    """

    def __init__(
        self,
        word: str = '',
        captions: Sequence[str] = STYLE_TEMPLATES,
        num_pictures: int | None = None,
        seed: int = 42,
        flip_prob: float = 0.0,
        ann_file: str = '',
        size: int | None = None,
        **kwargs,
    ) -> None:
        if isinstance(captions, str) or not captions:
            raise ValueError(f'captions must be a list of texts, got {captions!r}')
        if num_pictures is not None and num_pictures < 1:
            raise ValueError(f'num_pictures must be at least 1, got {num_pictures}')
        if not 0 <= flip_prob <= 1:
            raise ValueError(f'flip_prob must be in [0, 1], got {flip_prob}')
        self.texts = [caption.replace('{}', word) for caption in captions]
        self.num_pictures = num_pictures
        self.seed = seed
        self.flip_prob = flip_prob
        super().__init__(ann_file=ann_file, size=size, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Finds the pictures.

        Returns:
            Per picture ``img_path`` and ``captions``.

        Raises:
            FileNotFoundError: There is no such folder or list, or no picture in it.
            ValueError: There are fewer pictures than asked for.
        """
        folder = Path(self.data_prefix.get('img_path') or self.data_root or '.')
        pictures = find_pictures(folder)
        if self.ann_file:
            names = {line.split()[0] for line in read_lines(Path(self.ann_file))}
            pictures = [path for path in pictures if path.stem in names]
            if not pictures:
                raise FileNotFoundError(
                    f'{folder} holds none of the {len(names)} pictures of '
                    f'{self.ann_file}'
                )
        count = self.num_pictures
        if count is not None:
            if count > len(pictures):
                raise ValueError(
                    f'num_pictures={count}, but {folder} has {len(pictures)}'
                )
            order = np.random.default_rng(self.seed).permutation(len(pictures))
            pictures = [pictures[index] for index in order[:count]]
        return [dict(img_path=str(path), captions=self.texts) for path in pictures]

    def prepare_data(self, idx: int) -> dict:
        """Reads one picture.

        Args:
            idx: Its number.

        Returns:
            As `ImageCaptionDataset`.

        Raises:
            OSError: The file is no picture.
        """
        item = super().prepare_data(idx)
        if torch.rand(()) < self.flip_prob:
            item['inputs'] = item['inputs'].flip(-1)
        return item
