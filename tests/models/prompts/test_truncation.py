from diffmm.models.prompts.truncation import warn_of_cuts

WORD = '<dusk>'


def test_every_text_that_is_too_long_is_named(cut_warnings):
    fits = ' '.join(['cat'] * 75)
    warn_of_cuts([fits, f'{fits} and a tree', fits + ' x'])
    first, second = cut_warnings
    assert "'and a tree' is cut; shorten it" in first and "'x' is cut" in second


def test_a_learned_word_takes_the_room_of_its_vectors(cut_warnings):
    text = ' '.join([*['cat'] * 72, WORD])
    warn_of_cuts([text], (WORD, f'{WORD}_1', f'{WORD}_2'))
    assert not cut_warnings
    warn_of_cuts([f'a {text}'], (WORD, f'{WORD}_1', f'{WORD}_2'))
    assert len(cut_warnings) == 1 and f'{WORD}_2' in cut_warnings[0]
