import pytest

from diffmm.diffusion import WeightsError


def test_it_is_a_value_error():
    """Whoever catches bad values catches bad weights too."""
    with pytest.raises(ValueError, match='gone'):
        raise WeightsError('gone')
