"""Captions from a file, such as TADP publishes them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path, PurePath

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadCaption(BaseTransform):
    """Gives a picture the caption that a file has for it.

    The file is JSON in TADP's form, ``{"name of the picture": {"captions": [...]}}``.
    What a name is depends on the data set: the file name (ADE20K), folder and file
    name (Cityscapes), or those with a slash in front (NYUv2's lists).

    A picture that has a caption already keeps it. Pack the key ``caption`` for a text
    prompt::

        dict(type='PackSegInputs', meta_keys=('img_path', ..., 'caption'))

    Required keys: ``img_path``. Added keys: ``caption``, where there is none yet.

    Args:
        ann_file: The JSON file.
        parts: How many of the last parts of a path make up the name.
        prefix: What stands in front of them.
        index: Which of the captions to take.

    Raises:
        ValueError: ``parts`` is not positive.
    """

    def __init__(
        self, ann_file: str, parts: int = 1, prefix: str = '', index: int = 0
    ) -> None:
        if parts < 1:
            raise ValueError(f'parts must be positive, got {parts}')
        self.ann_file = ann_file
        self.parts = parts
        self.prefix = prefix
        self.index = index

    def transform(self, results: dict) -> dict:
        """Looks the caption up.

        Args:
            results: With ``img_path``.

        Returns:
            The same with ``caption``.

        Raises:
            FileNotFoundError: There is no caption file.
            ValueError: It has no caption for the picture, or not so many.
        """
        if 'caption' in results:
            return results
        path = PurePath(results['img_path'])
        name = self.prefix + '/'.join(path.parts[-self.parts :])
        captions = _read(self.ann_file).get(name, {}).get('captions', [])
        if not len(captions) > self.index >= 0:
            raise ValueError(
                f'{self.ann_file} has {len(captions)} captions for {name!r}, and the '
                f'one of index {self.index} is asked for; parts={self.parts} and '
                f'prefix={self.prefix!r} must make the names of the file'
            )
        results['caption'] = captions[self.index]
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(ann_file={self.ann_file!r}, parts={self.parts}, '
            f'prefix={self.prefix!r}, index={self.index})'
        )


@lru_cache(maxsize=4)
def _read(path: str) -> dict[str, dict]:
    """Reads a file once in a process, whichever data sets share it."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f'the captions {file} do not exist; they are JSON of the form '
            '{"name of the picture": {"captions": [...]}}'
        )
    return json.loads(file.read_text(encoding='utf-8'))
