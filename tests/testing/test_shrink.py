from mmengine.config import Config

from diffmm.testing import shrink_images


def config(scope, **model):
    return Config(dict(default_scope=scope, model=model))


def test_padding_and_sliding_windows():
    cfg = config(
        'mmseg',
        data_preprocessor=dict(size=(512, 512)),
        test_cfg=dict(mode='slide', crop_size=(512, 512), stride=(341, 341)),
    )
    shrink_images(cfg, 128)
    assert tuple(cfg.model.data_preprocessor.size) == (128, 128)
    assert tuple(cfg.model.test_cfg.crop_size) == (128, 128)
    assert tuple(cfg.model.test_cfg.stride) == (64, 64)


def test_batch_augmentations():
    pad = dict(type='BatchFixedSizePad', size=(1024, 1024))
    resize = dict(type='BatchSyncRandomResize', random_size_range=(480, 800))
    augments = dict(batch_augments=[pad, resize])
    cfg = config('mmdet', data_preprocessor=augments)
    shrink_images(cfg, 128)
    (left,) = cfg.model.data_preprocessor.batch_augments
    assert left.type == 'BatchFixedSizePad' and tuple(left.size) == (128, 128)


def test_pose_keeps_its_sizes_but_for_random_ones():
    resize = dict(type='BatchSyncRandomResize', random_size_range=(480, 800))
    preprocessor = dict(size=(256, 192), batch_augments=[resize])
    cfg = config('mmpose', data_preprocessor=preprocessor)
    shrink_images(cfg, 128)
    assert tuple(cfg.model.data_preprocessor.size) == (256, 192)
    assert cfg.model.data_preprocessor.batch_augments is None


def test_nothing_to_shrink():
    cfg = config('mmdet', backbone=dict())
    shrink_images(cfg, 128)
    assert cfg.model == dict(backbone=dict())
