import dataclasses

import pytest

from diffmm.mini_world.language.relation import Relation


def test_a_relation_can_be_doubtful():
    doubtful = Relation(clear=False, excluded=False)
    assert doubtful != Relation(clear=True, excluded=False)
    assert doubtful != Relation(clear=False, excluded=True)
    with pytest.raises(dataclasses.FrozenInstanceError):
        doubtful.clear = True
