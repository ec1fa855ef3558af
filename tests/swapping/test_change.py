from diffmm.swapping import Change


def test_shows_old_and_new():
    change = Change('model.neck.in_channels', [256, 512], [320, 640])
    assert str(change) == 'model.neck.in_channels: [256, 512] -> [320, 640]'


def test_shows_a_module_by_its_type():
    change = Change('model.backbone', dict(type='ResNet', depth=50), dict(type='X'))
    assert str(change) == 'model.backbone: ResNet(...) -> X()'


def test_cuts_long_values():
    assert len(str(Change('a', None, list(range(100))))) < 90
