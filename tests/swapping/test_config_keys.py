from diffmm.swapping import Change, SwapError
from diffmm.swapping.config_keys import ChangeLog


def test_shows_old_and_new():
    change = Change('model.neck.in_channels', [256, 512], [320, 640])
    assert str(change) == 'model.neck.in_channels: [256, 512] -> [320, 640]'


def test_shows_a_module_by_its_type():
    change = Change('model.backbone', dict(type='ResNet', depth=50), dict(type='X'))
    assert str(change) == 'model.backbone: ResNet(...) -> X()'


def test_cuts_long_values():
    assert len(str(Change('a', None, list(range(100))))) < 90


def test_sets_and_remembers():
    log, node = ChangeLog(), dict(a=1)
    log.set(node, 'model', 'a', 2)
    log.set(node, '', 'b', 3)
    assert node == dict(a=2, b=3)
    assert log.changes == [Change('model.a', 1, 2), Change('b', None, 3)]


def test_what_stays_is_no_change():
    log, node = ChangeLog(), dict(a=(1, 2))
    log.set(node, '', 'a', [1, 2])
    assert log.changes == [] and node['a'] == (1, 2)


def test_tuples_stay_tuples():
    """mmseg's JPU insists."""
    log, node = ChangeLog(), dict(a=(1, 2))
    log.set(node, '', 'a', [3, 4])
    assert node['a'] == (3, 4)


def test_deletes_what_is_there():
    log, node = ChangeLog(), dict(a=1)
    log.delete(node, 'm', 'a')
    log.delete(node, 'm', 'a')
    assert node == {} and log.changes == [Change('m.a', 1, None)]


def test_names_key_has_and_should():
    error = SwapError('model.neck.in_channels', [256], [32])
    assert str(error) == 'model.neck.in_channels has [256], but should be [32]'
    assert (error.key, error.has, error.should) == (
        'model.neck.in_channels',
        [256],
        [32],
    )
    assert isinstance(error, ValueError)
