from __future__ import annotations

import argparse

import pytest

from diffmm.utils.picture_numbers import add_images_option, check_images


@pytest.fixture
def parse():
    """Reads the option as one of a group, as compare_models.py has it."""
    parser = argparse.ArgumentParser()
    group = parser.add_mutually_exclusive_group()
    add_images_option(group)
    group.add_argument('--best')
    return lambda text: parser.parse_args(text.split())


def test_numbers_keep_their_order(parse):
    assert parse('').images == [0]
    assert parse('--images 3 1 3').images == [3, 1, 3]


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('--images 1 -1', 'must be at least 0, got -1'),
        ('--images', 'expected at least one argument'),
        ('--images 1 --best 2', '--best: not allowed with argument --images'),
    ],
)
def test_what_is_no_number_of_a_picture_is_refused(parse, capsys, text, message):
    with pytest.raises(SystemExit):
        parse(text)
    assert message in capsys.readouterr().err


def test_numbers_behind_the_last_picture_are_named():
    check_images([3, 0], 4)
    with pytest.raises(ValueError, match=r'--images: .* images 0 to 3, got \[4, 9\]$'):
        check_images([4, 0, 9], 4)
