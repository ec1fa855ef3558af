"""A transform that gives a picture its caption from a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

from ..captioning.caption_file import GENERATOR, CaptionKey, read_captions


@TRANSFORMS.register_module()
class LoadCaption(BaseTransform):
    """Gives a picture its caption from a file.

    The file is JSON in TADP's form, ``{"name of the picture": {"captions": [...]}}``.
    The name depends on the data set: the file name (ADE20K), folder and file name
    (Cityscapes), those with a slash in front (NYUv2's lists), or the file name without
    its extension (VOC).

    A picture that has a caption already keeps it. Pack the key ``caption`` for a text
    prompt::

        dict(type='PackSegInputs', meta_keys=('img_path', ..., 'caption'))

    Required keys: ``img_path``. Added keys: ``caption``, where there is none yet.

    Example:
        >>> transform = TRANSFORMS.build(dict(
        ...     type='LoadCaption', ann_file='data/captions/ade20k.json'))

    Args:
        ann_file: The JSON file.
        parts: Number of last parts of the path that make up the name.
        prefix: Text in front of them.
        extension: Whether the extension belongs to the name.
        only: Refuse a picture that has several captions. Otherwise the first one is
            taken, as in TADP's detection.

    Raises:
        ValueError: ``parts`` is not positive.
    """

    def __init__(
        self,
        ann_file: str,
        parts: int = 1,
        prefix: str = '',
        extension: bool = True,
        only: bool = False,
    ) -> None:
        self.ann_file = ann_file
        self.key = CaptionKey(parts, prefix, extension)
        self.only = only

    def transform(self, results: dict) -> dict:
        """Looks the caption up.

        Args:
            results: With ``img_path``.

        Returns:
            The same with ``caption``.

        Raises:
            FileNotFoundError: There is no caption file.
            ValueError: The file is no caption file, or has no caption for the picture,
                an empty one, or several where ``only`` one is meant.
        """
        if 'caption' not in results:
            entries = _read(self.ann_file)
            name = self.key(results['img_path'])
            fault = self._fault(name, entries)
            if fault:
                raise ValueError(fault + self._advice(results['img_path'], entries))
            results['caption'] = entries[name]['captions'][0]
        return results

    def check_pictures(self, pictures: Iterable[Mapping[str, Any]]) -> None:
        """Looks the captions of a whole data set up, before its first picture is read.

        Args:
            pictures: Of each what the data set knows, with ``img_path``.

        Raises:
            FileNotFoundError: There is no caption file.
            ValueError: As in ``transform``, for the first of the pictures at fault. The
                message counts them.
        """
        entries = _read(self.ann_file)
        paths = [each['img_path'] for each in pictures if 'caption' not in each]
        faults = [self._fault(self.key(path), entries) for path in paths]
        first = next((number for number, fault in enumerate(faults) if fault), None)
        if first is not None:
            count = len(faults) - faults.count('')
            raise ValueError(
                f'{faults[first]}{self._advice(paths[first], entries)}. {count} of '
                f'{len(paths)} pictures of the data set have no usable caption'
            )

    def _fault(self, name: str, entries: Mapping[str, Mapping]) -> str:
        """Says what is wrong with the captions of a picture; '' for nothing."""
        captions = entries.get(name, {}).get('captions', ())
        if not captions:
            return f'{self.ann_file} has 0 captions for {name!r}, but one is needed'
        if self.only and len(captions) > 1:
            return (
                f'{self.ann_file} has {len(captions)} captions for {name!r}, but one '
                'is meant; only=False takes the first'
            )
        if not captions[0].strip():
            return (
                f'{self.ann_file}, {name!r}: a caption must be words, got '
                f'{captions[0]!r}'
            )
        return ''

    def _advice(self, path: str | PurePath, entries: Mapping[str, Mapping]) -> str:
        """Says how the file names a picture that it seems not to have."""
        name = self.key(path)
        if name in entries:
            return ''
        if not entries:
            return f'; the file has none at all, {GENERATOR} writes them'
        text = (
            f'; parts={self.key.parts} and prefix={self.key.prefix!r} must make the '
            f'names of the file, with extension={self.key.extension} too. '
        )
        found = CaptionKey.find(path, entries)
        if found is not None:
            return (
                f'{text}parts={found.parts}, prefix={found.prefix!r} and '
                f'extension={found.extension} make {found(path)!r}, which it has'
            )
        (nearest,) = get_close_matches(name, entries, n=1) or [next(iter(entries))]
        return (
            f'{text}One of its names is {nearest!r}; {GENERATOR} adds what is missing'
        )

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(ann_file={self.ann_file!r}, '
            f'parts={self.key.parts}, prefix={self.key.prefix!r}, '
            f'extension={self.key.extension}, only={self.only})'
        )


# Once per process, also if several data sets share a file.
_read = lru_cache(maxsize=4)(read_captions)
