import dataclasses

import pytest

from diffmm.mini_world.object_class import ObjectClass


def test_is_an_immutable_value():
    kind = ObjectClass('ball', 0.3, 1.0, ('indoor',))
    assert kind == ObjectClass('ball', 0.3, 1.0, ('indoor',))
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind.height = 0.5
