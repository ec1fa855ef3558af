"""Sentences that the names of classes are put into."""

from __future__ import annotations

from collections.abc import Sequence

_SENTENCES = {
    # The name alone.
    'name': '{}',
    # VPD, section 3.2: every class of ADE20K.
    'vpd': 'a photo of a {}',
}
TEMPLATE_SETS = (*_SENTENCES, 'imagenet')


def resolve_templates(template: str | Sequence[str]) -> tuple[str, ...]:
    """Looks up a template set, or takes a sentence of your own.

    Args:
        template: ``'name'``, ``'vpd'``, ``'imagenet'`` (the 80 templates that CLIP was
            evaluated with on ImageNet; VPD's depth estimation averages over them), one
            sentence with one ``{}`` in it, or a list of such sentences.

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
    if template in _SENTENCES:
        return (_SENTENCES[template],)
    if template.count('{}') == 1:
        return (template,)
    raise ValueError(
        f'unknown template set {template!r}; choose one of {TEMPLATE_SETS} or write a '
        "sentence with one '{}' where the class name goes"
    )
