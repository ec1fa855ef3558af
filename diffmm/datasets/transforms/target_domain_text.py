"""A transform that names the target domain in a caption."""

from __future__ import annotations

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

_NIGHT = dict(
    simple='a dark night photo of a {}',
    textual_inversion='a dark <night> photo of a {}',
    dreambooth='a dashcam photo of {} at sks night',
    nearby='a foggy photo of a {}',
    unrelated='a watercolor painting of a {}',
)
_WATERCOLOR = dict(
    simple='a watercolor painting of a {}',
    textual_inversion='a <watercolor> style painting of a {}',
    dreambooth='a sks style painting of a {}',
    nearby='a constructivism painting of a {}',
    unrelated='a dashcam photo of a {}',
)
_COMIC = {
    **_WATERCOLOR,
    'simple': 'a comic style painting of a {}',
    'textual_inversion': 'a <comic> style painting of a {}',
}
# No experiment of the paper.
_FOG = dict(
    simple='a foggy photo of a {}',
    textual_inversion='a <fog> photo of a {}',
    dreambooth='a dashcam photo of {} in sks fog',
    nearby='a dark night photo of a {}',
    unrelated='a watercolor painting of a {}',
)
DOMAINS = {
    'night': _NIGHT,
    'watercolor': _WATERCOLOR,
    'comic': _COMIC,
    'fog': _FOG,
}
MODIFIERS = ('null', *_NIGHT)


@TRANSFORMS.register_module()
class TargetDomainText(BaseTransform):
    """Says in a caption which domain a picture is from (TADP, section 4.3).

    The strings are those of the released code, "a a" of a caption that begins with an
    article included. The domain is named at test. In training it is named only if the
    training pipeline has this transform too, for which the released code wants
    ``train`` among its conditions.

    Place it behind ``LoadCaption``. ``textual_inversion`` needs the word, and
    ``dreambooth`` the weights: ``learned_words``, ``pretrained`` or ``lora`` of the
    backbone.

    Required and modified key: ``caption``.

    Example:
        >>> transform = TRANSFORMS.build(
        ...     dict(type='TargetDomainText', domain='night', modifier='simple'))
        >>> transform(dict(caption='car driving down a street'))
        {'caption': 'a dark night photo of a car driving down a street'}

    Args:
        domain: ``'night'`` (Dark Zurich, Nighttime Driving), ``'watercolor'``,
            ``'comic'``, or ``'fog'``, which is no experiment of the paper.
        modifier: ``'null'`` leaves the caption; ``'simple'``; ``'textual_inversion'``;
            ``'dreambooth'``; ``'nearby'`` and ``'unrelated'`` are controls that name
            another domain.

    Raises:
        ValueError: The domain or the modifier is unknown.
    """

    def __init__(self, domain: str, modifier: str) -> None:
        if domain not in tuple(DOMAINS):
            raise ValueError(f'domain must be one of {tuple(DOMAINS)}, got {domain!r}')
        if modifier not in MODIFIERS:
            raise ValueError(f'modifier must be one of {MODIFIERS}, got {modifier!r}')
        self.domain = domain
        self.modifier = modifier

    def transform(self, results: dict) -> dict:
        """Names the domain.

        Args:
            results: With ``caption``.

        Returns:
            The same.

        Raises:
            KeyError: There is no caption.
        """
        if 'caption' not in results:
            raise KeyError(
                'TargetDomainText needs a caption: place it behind LoadCaption'
            )
        # Not str.format: a caption may hold other braces.
        text = DOMAINS[self.domain].get(self.modifier, '{}')
        results['caption'] = text.replace('{}', results['caption'])
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(domain={self.domain!r}, modifier={self.modifier!r})'
        )
