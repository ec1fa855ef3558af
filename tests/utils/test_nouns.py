from __future__ import annotations

import pytest

from diffmm.mini_world.language.vocabulary import PLURALS
from diffmm.utils.nouns import MentionedClasses, mention_pattern, singular

NUMBERS = {
    'car': 'cars',
    'box': 'boxes',
    'person': 'people',
    'dress': 'dresses',
    'berry': 'berries',
    'knife': 'knives',
    'bus': 'buses',
    'horse': 'horses',
}


@pytest.mark.parametrize(('one', 'many'), [*NUMBERS.items(), *PLURALS.items()])
def test_both_numbers_of_a_noun(one, many):
    assert singular(many) == singular(one) == one
    for text in (one, many):
        assert mention_pattern(one).fullmatch(text)


@pytest.mark.parametrize(
    ('one', 'many'),
    [
        ('snowman', 'snowmen'),
        ('policewoman', 'policewomen'),
        ('grandchild', 'grandchildren'),
        ('forefoot', 'forefeet'),
        ('sawtooth', 'sawteeth'),
        ('dormouse', 'dormice'),
        ('wild-goose', 'wild-geese'),
        ('bookshelf', 'bookshelves'),
        ('salesperson', 'salespeople'),
        ('minibus', 'minibuses'),
    ],
)
def test_a_compound_has_the_plural_of_its_last_noun(one, many):
    assert singular(many) == singular(one) == one
    assert mention_pattern(one).fullmatch(many)


@pytest.mark.parametrize(
    ('one', 'many', 'wrong'),
    [
        ('human', 'humans', 'humen'),
        ('german', 'germans', 'germen'),
        ('ottoman', 'ottomans', 'ottomen'),
        ('mongoose', 'mongooses', 'mongeese'),
        ('box', 'boxes', 'boxen'),
        ('specimen', 'specimens', 'speciman'),
        ('ramen', 'ramens', 'raman'),
        ('bitumen', 'bitumens', 'bituman'),
        ('dolmen', 'dolmens', 'dolman'),
        ('foramen', 'foramens', 'foraman'),
    ],
)
def test_what_only_ends_like_one(one, many, wrong):
    assert singular(many) == singular(one) == one
    pattern = mention_pattern(one)
    assert pattern.fullmatch(many) and not pattern.fullmatch(wrong)


@pytest.mark.parametrize('word', ['grass', 'tennis', 'gas', 'sky', 'yemen', 'acumen'])
def test_what_is_no_plural(word):
    assert singular(word) == word


@pytest.mark.parametrize('verb', ['cleave', 'interleave'])
def test_a_verb_on_leaves_is_no_leaf(verb):
    assert singular(f'{verb}s') == verb


def test_names_are_whole_words():
    found = mention_pattern('box').findall('a box, boxes, boxer, sandbox')
    assert found == ['box', 'boxes']


def test_names_name_a_class():
    mentioned = MentionedClasses(['boat', 'Potted plant', 'person', 'steak knife'])
    assert mentioned.find('Two boats and a potted Plant') == {0, 1}
    assert mentioned.find('people in a boathouse') == {2}
    assert mentioned.find('a fork between two steak knives') == {3}
    assert mentioned.find('') == set()
    odd = MentionedClasses(['dog (pet)', 'c++', 'steak-knife', 'scarf'])
    assert odd.find('a dog (pet) beside c++, steak-knives and scarves') == {0, 1, 2, 3}
    assert odd.find('c+++') == {1} and odd.find('xc++ or dog') == set()
    with pytest.raises(ValueError, match="class name must not be empty, got ' '"):
        MentionedClasses(['cat', ' '])
