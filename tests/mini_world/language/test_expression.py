import dataclasses

import pytest

from diffmm.mini_world.language.expression import Expression


def test_expressions_are_compared_by_what_they_say():
    found = Expression('the red ball', 2, 'attribute')
    assert found == Expression('the red ball', object_index=2, kind='attribute')
    assert len({found, Expression('the red ball', 1, 'attribute')}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.text = 'the ball'
