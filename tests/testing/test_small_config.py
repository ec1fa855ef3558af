from mmengine.config import Config

from diffmm.testing import small_config


def config(scope, **model):
    return Config(dict(default_scope=scope, model=model))


def test_padding_and_sliding_windows():
    cfg = config(
        'mmseg',
        data_preprocessor=dict(size=(512, 512)),
        test_cfg=dict(mode='slide', crop_size=(512, 512), stride=(341, 341)),
    )
    small = small_config(cfg, 128)
    assert tuple(small.model.data_preprocessor.size) == (128, 128)
    assert tuple(small.model.test_cfg.crop_size) == (128, 128)
    assert tuple(small.model.test_cfg.stride) == (64, 64)


def test_batch_augmentations():
    pad = dict(type='BatchFixedSizePad', size=(1024, 1024))
    resize = dict(type='BatchSyncRandomResize', random_size_range=(480, 800))
    augments = dict(batch_augments=[pad, resize])
    cfg = config('mmdet', data_preprocessor=augments)
    small = small_config(cfg, 128)
    (left,) = small.model.data_preprocessor.batch_augments
    assert left.type == 'BatchFixedSizePad' and tuple(left.size) == (128, 128)


def test_pose_keeps_its_sizes_but_for_random_ones():
    resize = dict(type='BatchSyncRandomResize', random_size_range=(480, 800))
    preprocessor = dict(size=(256, 192), batch_augments=[resize])
    cfg = config('mmpose', data_preprocessor=preprocessor)
    small = small_config(cfg, 128)
    assert tuple(small.model.data_preprocessor.size) == (256, 192)
    assert small.model.data_preprocessor.batch_augments is None


def test_nothing_to_shrink():
    cfg = config('mmdet', backbone=dict())
    small = small_config(cfg, 128)
    assert small.model == dict(backbone=dict())


def test_parts_that_need_weights_processes_or_a_gpu():
    where = dict(type='Pretrained', checkpoint='https://not.there/x.pth')
    head = dict(init_cfg=[where], norm_cfg=dict(type='MMSyncBN', requires_grad=True))
    cfg = config('mmseg', decode_head=[head])
    cfg.optim_wrapper = dict(type='AmpOptimWrapper', loss_scale='dynamic', a=1)
    before = cfg.to_dict()
    small = small_config(cfg, 128)
    assert cfg.to_dict() == before
    assert small.model.decode_head[0].init_cfg is None
    assert small.model.decode_head[0].norm_cfg.type == 'BN'
    assert small.optim_wrapper == dict(type='OptimWrapper', a=1)
