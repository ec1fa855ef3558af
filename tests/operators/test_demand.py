from __future__ import annotations

import pytest
from mmcv.ops import BorderAlign, DeformRoIPool, RoIAlign, SparseSequential, SubMConv2d
from mmcv.ops import border_align as align_borders
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import nn

from diffmm.operators import compile_command, name_python
from diffmm.operators.demand import OperatorDemand, refuse_missing_operators
from diffmm.operators.extension import MissingOperatorError

DETECTOR = 'configs/detection/faster-rcnn_mini_fpn_1xb8-1e_mini-coco-128x128.py'


@pytest.fixture
def watched(stand_in, use_stand_in):
    """Some files of mmcv.ops without compiled operators, and models watched."""
    files = ('nms', 'roi_align', 'border_align', 'deform_roi_pool', 'deform_conv')
    use_stand_in(*files)
    # As mmcv does when it imports these files.
    for name in ('border_align', 'deform_roi_pool', 'nms_rotated', 'nms_quadri'):
        for part in ('', '_forward', '_backward'):
            if name.startswith('nms') == (part == ''):
                getattr(stand_in, name + part)
    handle = refuse_missing_operators(stand_in, compile_command())
    yield stand_in
    handle.remove()


class Own(nn.Module):
    """A layer that somebody wrote."""

    def forward(self, maps, boxes):
        return [align_borders(each, boxes, 10) for each in maps]


class Head(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.test_cfg = Config(dict(rcnn=dict(nms=dict(type=kind))))._cfg_dict


@pytest.mark.parametrize(
    ('layer', 'needs'),
    [
        (lambda: BorderAlign(10), "BorderAlign needs mmcv's operator 'border_align'"),
        (lambda: DeformRoIPool(2), "DeformRoIPool needs mmcv's operator 'deform_roi_p"),
        (Own, "Own needs mmcv's operator 'border_align'"),
        (lambda: Head('nms_quadri'), "Head with type='nms_quadri' needs mmcv's operat"),
        (lambda: RoIAlign(7, pool_mode='max'), "RoIAlign with pool_mode='max' needs"),
    ],
)
def test_a_layer_is_refused_when_it_enters_a_model(watched, layer, needs):
    layer = layer()
    with pytest.raises(MissingOperatorError) as error:
        nn.Sequential(nn.Identity(), layer)
    message = str(error.value)
    assert message.startswith(needs) and '\n' not in message
    assert 'neither compiled here nor replaced by DiffMM' in message
    assert 'make ops' in message and name_python(compile_command()) in message


def test_replaced_operators_are_let_in(watched):
    nn.Sequential(RoIAlign(7), Head('nms'), Head('soft_nms'), nn.ReLU())


def test_what_sparse_convolution_calls_through_a_module(stand_in, monkeypatch):
    """Its operators stand two modules away from the layer."""
    import mmcv.ops.sparse_ops as file

    monkeypatch.setattr(file, 'ext_module', stand_in)
    stand_in.indice_conv_forward  # noqa: B018 - mmcv asks for it, too
    demand = OperatorDemand(stand_in)
    assert demand.missing(SubMConv2d) == {'indice_conv_forward'}
    assert demand.missing(SparseSequential) == demand.missing(nn.Conv2d) == frozenset()


@pytest.mark.parametrize(
    ('changes', 'refusal'),
    [
        (dict(), None),
        ({'model.test_cfg.rcnn.nms.type': 'nms_rotated'}, "type='nms_rotated' needs"),
        (
            {'model.roi_head.bbox_roi_extractor.roi_layer.pool_mode': 'max'},
            "RoIAlign with pool_mode='max' needs",
        ),
        (
            {
                'model.roi_head.bbox_roi_extractor.roi_layer': dict(
                    _delete_=True,
                    type='DeformRoIPoolPack',
                    output_size=7,
                    output_channels=64,
                )
            },
            "needs mmcv's operator 'deform_roi_pool'",
        ),
    ],
    ids=['as it is', 'rotated', 'maxima', 'deformable pooling'],
)
def test_a_config_is_refused_when_its_model_is_built(
    watched, repo_root, changes, refusal
):
    cfg = Config.fromfile(str(repo_root / DETECTOR))
    cfg.model.backbone.pretrained = None
    cfg.merge_from_dict(changes)
    init_default_scope(cfg.default_scope)
    if refusal is None:
        assert MODELS.build(cfg.model)
        return
    with pytest.raises(MissingOperatorError, match=refusal):
        MODELS.build(cfg.model)
