"""Transforms that give a picture its text."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path, PurePath

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

from ..nyu_depth_list_dataset import SCENES


@TRANSFORMS.register_module()
class DrawExpression(BaseTransform):
    """Draws one of an object's referring expressions at every visit.

    It draws from NumPy's global generator, like the transforms of the hosts. MMEngine
    seeds that generator when a worker process of the data loader starts.

    Required keys: ``expressions``. Added keys: ``expression``.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='DrawExpression'))
        >>> transform(dict(expressions=['the red ball']))['expression']
        'the red ball'
    """

    def transform(self, results: dict) -> dict:
        """Draws an expression.

        Args:
            results: With ``expressions``, a list of texts.

        Returns:
            The same with ``expression``, one of them.

        Raises:
            ValueError: There are no expressions.
        """
        texts = results.get('expressions')
        if not texts:
            raise ValueError(
                f'{results.get("img_path")} has expressions {texts!r}; drawing one '
                'needs at least one. Leave DrawExpression out of test pipelines, '
                'whose items have an expression'
            )
        results['expression'] = texts[np.random.randint(len(texts))]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'


@TRANSFORMS.register_module()
class LoadCaption(BaseTransform):
    """Gives a picture its caption from a file.

    The file is JSON in TADP's form, ``{"name of the picture": {"captions": [...]}}``;
    the first caption is taken. The name depends on the data set: the file name
    (ADE20K), folder and file name (Cityscapes), or those with a slash in front (NYUv2's
    lists).

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

    Raises:
        ValueError: ``parts`` is not positive.
    """

    def __init__(self, ann_file: str, parts: int = 1, prefix: str = '') -> None:
        if parts < 1:
            raise ValueError(f'parts must be positive, got {parts}')
        self.ann_file = ann_file
        self.parts = parts
        self.prefix = prefix

    def transform(self, results: dict) -> dict:
        """Looks the caption up.

        Args:
            results: With ``img_path``.

        Returns:
            The same with ``caption``.

        Raises:
            FileNotFoundError: There is no caption file.
            ValueError: It has no caption for the picture.
        """
        if 'caption' in results:
            return results
        path = PurePath(results['img_path'])
        name = self.prefix + '/'.join(path.parts[-self.parts :])
        captions = _read(self.ann_file).get(name, {}).get('captions', [])
        if not captions:
            raise ValueError(
                f'{self.ann_file} has 0 captions for {name!r}, but one is needed; '
                f'parts={self.parts} and prefix={self.prefix!r} must make the names of '
                f'the file'
            )
        results['caption'] = captions[0]
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(ann_file={self.ann_file!r}, parts={self.parts}, '
            f'prefix={self.prefix!r})'
        )


@lru_cache(maxsize=4)
def _read(path: str) -> dict[str, dict]:
    """Reads a file once per process, also if several data sets share it."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f'the captions {file} do not exist; they are JSON of the form '
            '{"name of the picture": {"captions": [...]}}'
        )
    return json.loads(file.read_text(encoding='utf-8'))


@TRANSFORMS.register_module()
class SceneFromCategory(BaseTransform):
    """Gives the samples of mmsegmentation's ``NYUDataset`` the name of their scene.

    The host numbers scenes by an exact match of the file name; -1 is a scene that is
    none of the 27, such as ``nyu_office``.

    Required keys: ``category_id``. Added keys: ``scene``.

    Example:
        >>> transform = TRANSFORMS.build(dict(type='SceneFromCategory'))
        >>> transform(dict(category_id=0))['scene']
        'printer_room'

    Args:
        unknown_scene: Name for a scene without a number.
            ``SceneNamePrompt(unknown='mean')`` takes the mean of all scenes for it, as
            mmsegmentation does. None makes it an error.
    """

    def __init__(self, unknown_scene: str | None = None) -> None:
        self.unknown_scene = unknown_scene

    def transform(self, results: dict) -> dict:
        """Looks the scene up.

        Args:
            results: With ``category_id``.

        Returns:
            The same with ``scene``.

        Raises:
            ValueError: No scene has this number, and ``unknown_scene`` is None.
        """
        number = results['category_id']
        if 0 <= number < len(SCENES):
            results['scene'] = SCENES[number]
        elif number == -1 and self.unknown_scene is not None:
            results['scene'] = self.unknown_scene
        else:
            raise ValueError(
                f'{results.get("img_path")} has category_id={number}, which is none of '
                f'the {len(SCENES)} scenes; give unknown_scene a name to accept -1'
            )
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(unknown_scene={self.unknown_scene!r})'


@TRANSFORMS.register_module()
class FixedText(BaseTransform):
    """Gives every picture without a text the same one.

    The inference functions of the hosts take a picture and nothing else, so the
    pipeline has to supply the text. Place this transform before the packing transform,
    whose ``meta_keys`` must name the key.

    Added keys: ``key``, where there is none yet.

    Example:
        >>> transform = TRANSFORMS.build(
        ...     dict(type='FixedText', key='expression', text='the red ball'))
        >>> transform(dict())
        {'expression': 'the red ball'}

    Args:
        key: The data preprocessor's ``text_key``.
        text: The text.

    Raises:
        ValueError: The text is empty or no string.
    """

    def __init__(self, key: str, text: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f'the text under {key!r} must be words, got {text!r}')
        self.key = key
        self.text = text

    def transform(self, results: dict) -> dict:
        """Sets the text.

        Args:
            results: A picture; a text of its own stays.

        Returns:
            The same with the text.
        """
        results.setdefault(self.key, self.text)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(key={self.key!r}, text={self.text!r})'
