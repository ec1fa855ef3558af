import dataclasses

import pytest
from mmseg.datasets import ADE20KDataset

from diffmm.mini_world.classes import (
    ADE20K_INDEX,
    ADE20K_PALETTE,
    COLORS,
    MINI_CLASSES,
    OBJECT_CLASSES,
    PLACES,
    STUFF_CLASSES,
    ObjectClass,
    class_weight,
)


def test_names_ids_and_palette_are_those_of_ade20k():
    metainfo = ADE20KDataset.METAINFO
    for name, index in ADE20K_INDEX.items():
        assert metainfo['classes'][index] == name
        assert tuple(metainfo['palette'][index]) == ADE20K_PALETTE[name]


def test_twelve_objects_and_four_kinds_of_stuff_in_the_order_of_ade20k():
    assert len(OBJECT_CLASSES) == 12 and len(COLORS) == 10
    assert set(MINI_CLASSES) == {*OBJECT_CLASSES, *STUFF_CLASSES}
    assert len(MINI_CLASSES) == 16
    assert list(MINI_CLASSES) == sorted(MINI_CLASSES, key=ADE20K_INDEX.get)


def test_every_class_is_equally_frequent_over_both_places():
    totals = {
        place: sum(class_weight(name, place) for name in OBJECT_CLASSES)
        for place in PLACES
    }
    for name in OBJECT_CLASSES:
        share = sum(class_weight(name, place) / totals[place] for place in PLACES) / 2
        assert share == pytest.approx(1 / 12)


def test_a_class_has_no_weight_where_it_does_not_occur():
    assert class_weight('car', 'indoor') == 0
    assert class_weight('car', 'outdoor') == 2
    assert class_weight('ball', 'indoor') == 1


def test_is_an_immutable_value():
    kind = ObjectClass('ball', 0.3, 1.0, ('indoor',))
    assert kind == ObjectClass('ball', 0.3, 1.0, ('indoor',))
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind.height = 0.5
