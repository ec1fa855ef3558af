from diffmm.swapping.change import Change
from diffmm.swapping.recorder import Recorder


def test_sets_and_remembers():
    recorder, node = Recorder(), dict(a=1)
    recorder.set(node, 'model', 'a', 2)
    recorder.set(node, '', 'b', 3)
    assert node == dict(a=2, b=3)
    assert recorder.changes == [Change('model.a', 1, 2), Change('b', None, 3)]


def test_what_stays_is_no_change():
    recorder, node = Recorder(), dict(a=(1, 2))
    recorder.set(node, '', 'a', [1, 2])
    assert recorder.changes == [] and node['a'] == (1, 2)


def test_tuples_stay_tuples():
    """mmseg's JPU insists."""
    recorder, node = Recorder(), dict(a=(1, 2))
    recorder.set(node, '', 'a', [3, 4])
    assert node['a'] == (3, 4)


def test_deletes_what_is_there():
    recorder, node = Recorder(), dict(a=1)
    recorder.delete(node, 'm', 'a')
    recorder.delete(node, 'm', 'a')
    assert node == {} and recorder.changes == [Change('m.a', 1, None)]
