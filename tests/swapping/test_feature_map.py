from diffmm.swapping import FeatureMap


def test_is_a_pair():
    channels, stride = FeatureMap(320, 8)
    assert (channels, stride) == (320, 8) and FeatureMap(320, 8) == (320, 8)
