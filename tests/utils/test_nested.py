from mmengine.config import ConfigDict

from diffmm.utils.nested import walk


def test_dicts_come_before_what_they_hold():
    inner = ConfigDict(type='B', sizes=(1, 2))
    config = ConfigDict(type='A', parts=[inner, 'x'])
    found = list(walk(config))
    assert found[0] == config and found.index('A') < found.index(inner)
    assert [each for each in found if isinstance(each, str)] == ['A', 'B', 'x']
    assert [each for each in found if isinstance(each, int)] == [1, 2]


def test_a_leaf_is_itself():
    assert list(walk('abc')) == ['abc'] and list(walk(None)) == [None]
