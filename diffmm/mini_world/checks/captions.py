"""Comparison of captions with their scene."""

from __future__ import annotations

import itertools
import re

from ..drawing.rendered_scene import RenderedScene
from ..language.vocabulary import RELATIONS, STUFF_WORDS, WORDS, place_words
from ..scenes.background import SCENE_TYPES
from .parsed_phrase import ParsedPhrase
from .resolver import Resolver

_PLACES = {place_words(name) for names in SCENE_TYPES.values() for name in names}
_STUFF = re.compile(r'\b(sky|wall|grass|floor)\b')


def caption_faults(rendered: RenderedScene, caption: str) -> list[str]:
    """Lists the errors of a caption.

    Args:
        rendered: The scene.
        caption: The caption.

    Returns:
        One message for each error.
    """
    words = set(re.findall(r'[a-z]+', caption))
    faults = [f'{word!r} is not in the vocabulary' for word in sorted(words - WORDS)]
    phrases = ParsedPhrase.find_all(caption)
    if not phrases:
        faults.append('it names no object')
    if not _can_be_assigned(rendered, phrases):
        faults.append(f'the scene has no {[phrase.text for phrase in phrases]}')
    faults += _stuff_faults(rendered, caption)
    faults += _relation_faults(rendered, caption, phrases)
    return faults


def named_objects(caption: str) -> int:
    """Counts the objects that a caption names."""
    return sum(phrase.count for phrase in ParsedPhrase.find_all(caption))


def _can_be_assigned(rendered: RenderedScene, phrases: list[ParsedPhrase]) -> bool:
    """Tells if every phrase finds objects of its own."""
    wanted = [phrase for phrase in phrases for _ in range(phrase.count)]
    objects = rendered.scene.objects
    return any(
        all(phrase.fits(item) for phrase, item in zip(wanted, chosen, strict=True))
        for chosen in itertools.permutations(objects, len(wanted))
    )


def _stuff_faults(rendered: RenderedScene, caption: str) -> list[str]:
    """Lists the surroundings that are not there."""
    background = rendered.scene.background
    there = (background.back_texture, background.ground_texture)
    faults = [
        f'there is no {stuff}'
        for stuff in _STUFF.findall(caption)
        if stuff not in (background.back_class, background.ground_class)
    ]
    faults += [
        f'there is no {words}'
        for name, words in STUFF_WORDS.items()
        if words in caption and name not in there
    ]
    here = place_words(rendered.scene.scene_type)
    faults += [
        f'the place is no {place}'
        for place in _PLACES
        if re.search(rf'\b{place}\b', caption) and place != here
    ]
    return faults


def _relation_faults(
    rendered: RenderedScene, caption: str, phrases: list[ParsedPhrase]
) -> list[str]:
    """Lists the relations that no two objects have."""
    resolver = Resolver(rendered)
    faults = []
    for first, second in itertools.pairwise(phrases):
        relation = caption[first.end : second.start].strip()
        if relation in RELATIONS.values() and not any(
            resolver.related(one, relation, other)
            for one in resolver.described(first)
            for other in resolver.described(second)
        ):
            faults.append(f'no {first.text} is {relation} {second.text}')
    return faults
