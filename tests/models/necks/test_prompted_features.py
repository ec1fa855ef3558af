from types import SimpleNamespace

import pytest

from diffmm.models.necks.prompted_features import check_features
from tests.models.necks.pyramid import CHANNELS, features


def test_what_a_backbone_gives_is_accepted():
    check_features(SimpleNamespace(in_channels=CHANNELS), features())


def test_maps_without_prompts_are_named():
    with pytest.raises(TypeError, match='SimpleNamespace needs the prompts.*got a tup'):
        check_features(SimpleNamespace(in_channels=CHANNELS), tuple(features()))


def test_another_number_of_maps_is_named():
    with pytest.raises(ValueError, match=r'2 entries \[4, 6\], but 4 maps came'):
        check_features(SimpleNamespace(in_channels=CHANNELS[:2]), features())
