from diffmm.swapping import SwapError


def test_names_key_has_and_should():
    error = SwapError('model.neck.in_channels', [256], [32])
    assert str(error) == 'model.neck.in_channels has [256], but should be [32]'
    assert (error.key, error.has, error.should) == (
        'model.neck.in_channels',
        [256],
        [32],
    )
    assert isinstance(error, ValueError)
