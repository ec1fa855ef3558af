from diffmm.mini_world import OBJECT_CLASSES, SceneSampler, refer, write_captions
from diffmm.mini_world.drawing.textures import TEXTURES
from diffmm.mini_world.language.vocabulary import (
    PLURALS,
    POSE_AFTER,
    POSE_BEFORE,
    STUFF_WORDS,
    WORDS,
    article,
    listed,
    place_words,
)
from diffmm.mini_world.scenes.pose import POSES


def test_everything_has_words():
    assert set(PLURALS) == set(OBJECT_CLASSES)
    assert {*POSE_BEFORE, *POSE_AFTER} == set(POSES)
    assert set(STUFF_WORDS) == set(TEXTURES)


def test_no_other_word_is_used_and_all_are():
    sampler, used = SceneSampler(0), set()
    for index in range(1500):
        scene = sampler.sample('train', index)
        texts = [*write_captions(scene), *(found.text for found in refer(scene))]
        used.update(word for text in texts for word in text.replace(',', '').split())
    assert used <= WORDS
    # Rare: five of a kind, one object alone.
    assert WORDS - used <= {'five', 'four', 'is'}


def test_grammar():
    assert article('orange ball') == 'an orange ball'
    assert article('red ball') == 'a red ball'
    assert listed(['x']) == 'x'
    assert listed(['x', 'y', 'z']) == 'x, y and z'
    assert place_words('living_room') == 'living room'
