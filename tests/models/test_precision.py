import torch

from diffmm.models import precision
from tests import tiny


def test_the_unet_in_bfloat16_returns_single_precision():
    backbone = tiny.build_backbone()
    images = tiny.image()
    with torch.no_grad():
        expected = backbone(images)
        model = torch.nn.ModuleDict(dict(backbone=backbone, head=torch.nn.Linear(1, 1)))
        assert precision.run_in_bfloat16(model)
        found = backbone(images)
    assert {each.dtype for each in found} == {torch.float32}
    assert not torch.equal(found[0], expected[0])
    tiny.assert_same_features(found, expected, tolerance=0.1)


def test_a_model_without_a_unet_is_told():
    assert not precision.run_in_bfloat16(torch.nn.Linear(1, 1))


def test_a_slow_processor_is_named(monkeypatch):
    asked = []
    monkeypatch.setattr(precision, 'say_if_slow', asked.append)
    for autocast in (False, True):
        with precision.unet_precision(torch.device('cpu'), autocast):
            assert torch.is_autocast_enabled('cpu') == autocast
    assert asked == ['cpu']
