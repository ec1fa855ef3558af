"""Transforms that give a picture its text."""

from __future__ import annotations

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
