from diffmm.models.backbones import FeatureInfo


def test_fields():
    info = FeatureInfo(channels=470, stride=16, name='UNet decoder, 1/16')
    assert info == (470, 16, 'UNet decoder, 1/16')
    assert (info.channels, info.stride, info.name) == tuple(info)
