import pytest

from diffmm.datasets.mini_world.layouts import LAYOUTS, check_layout


def test_known_layouts_pass():
    for name in LAYOUTS:
        check_layout(name)


def test_unknown_layout_is_named_with_the_choices():
    with pytest.raises(ValueError, match=r"'ade21k', choose from \['ade20k'\]"):
        check_layout('ade21k')
