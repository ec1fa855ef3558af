"""Sentences that the names of classes are put into."""

from __future__ import annotations

from collections.abc import Sequence

_SENTENCES = {
    # The name alone.
    'name': '{}',
    # VPD, section 3.2: every class of ADE20K.
    'vpd': 'a photo of a {}',
}
# Vermouth's segmentation, and others before it: 14 sentences of scenes and sizes.
_SCENE = (
    'a photo of a {}.',
    'This is a photo of a {}',
    'There is a {} in the scene',
    'There is the {} in the scene',
    'a photo of a {} in the scene',
    *(f'a photo of a {size} {{}}.' for size in ('small', 'medium', 'large')),
    *(f'This is a photo of a {size} {{}}.' for size in ('small', 'medium', 'large')),
    *(f'There is a {size} {{}} in the scene.' for size in ('small', 'medium', 'large')),
)
TEMPLATE_SETS = (*_SENTENCES, 'scene', 'imagenet')


def resolve_templates(template: str | Sequence[str]) -> tuple[str, ...]:
    """Looks up a template set, or takes a sentence of your own.

    Args:
        template: ``'name'``, ``'vpd'``, ``'scene'`` (the 14 of Vermouth's
            segmentation), ``'imagenet'`` (the 80 templates that CLIP was evaluated with
            on ImageNet; VPD's depth estimation averages over them), one sentence with
            one ``{}`` in it, or a list of such sentences.

    Returns:
        The sentences of the set.

    Raises:
        ValueError: If it is neither.
    """
    if not isinstance(template, str):
        if not template:
            raise ValueError('templates are a list of sentences, got none')
        return tuple(each for one in template for each in resolve_templates(one))
    if template == 'imagenet':
        # Imported late: it takes seconds.
        from open_clip import OPENAI_IMAGENET_TEMPLATES

        return tuple(sentence('{}') for sentence in OPENAI_IMAGENET_TEMPLATES)
    if template == 'scene':
        return _SCENE
    if template in _SENTENCES:
        return (_SENTENCES[template],)
    if template.count('{}') == 1:
        return (template,)
    raise ValueError(
        f'unknown template set {template!r}; choose one of {TEMPLATE_SETS} or write a '
        "sentence with one '{}' where the class name goes"
    )
