from diffmm.utils.words import says_same, words_of


def test_case_spaces_and_punctuation_say_nothing():
    assert says_same('the man, left', ' The  MAN left.')
    assert not says_same('the man on the left', 'the man on the right')
    assert words_of('\t...?! ') == []
    # Other scripts, and signs that are no punctuation.
    assert words_of('Der Große, links') == ['der', 'grosse', 'links']
    assert words_of('猫 🐈') == ['猫', '🐈']
