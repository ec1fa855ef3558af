from diffmm.mini_world.language.phrases import describable, noun_phrase
from tests.mini_world.builders import make_item

ALL = ('size', 'color', 'texture')


def test_what_has_no_word_is_not_describable():
    assert describable(make_item()) == ('color',)
    special = make_item(size='small', texture='dotted')
    assert set(describable(special)) == set(ALL)


def test_things():
    item = make_item('box', size='small', texture='dotted', color='pink')
    assert noun_phrase(item) == 'box'
    assert noun_phrase(item, ('color',)) == 'pink box'
    assert noun_phrase(item, ALL) == 'small dotted pink box'
    assert noun_phrase(item, ('size',), any_object=True) == 'small object'


def test_people_wear_their_color():
    person = make_item('person', size='large', texture='striped', color='blue')
    assert noun_phrase(person, ('color',)) == 'person in blue'
    assert noun_phrase(person, ('texture',)) == 'person in a striped shirt'
    assert noun_phrase(person, ALL) == 'large person in a striped blue shirt'
    assert noun_phrase(person, ('color',), any_object=True) == 'blue object'


def test_poses():
    waving = make_item('person', variation=(0.5, 0.5, 0.4))
    raising = make_item('person', variation=(0.5, 0.5, 0.55))
    assert noun_phrase(waving, pose=True) == 'waving person'
    assert noun_phrase(raising, ('color',), pose=True) == (
        'person in red with raised arms'
    )
    assert noun_phrase(make_item('ball'), pose=True) == 'ball'
