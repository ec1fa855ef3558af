"""Every shipped experiment: it parses, fits together, trains, predicts and survives."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import yaml
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from mmengine.runner import save_checkpoint
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from diffmm.apis import ImagePredictor
from tests.differing_keys import differing_keys
from tests.mini_siblings import FULL_OF_MINI, MINI_MAY_CHANGE

ROOT = Path(__file__).parents[1]
ALL = sorted(ROOT.glob('configs/[!_]*/*.py'))
# Configs of generative models, detectors, pose estimators and Meta Prompts have tests
# of their own.
CONFIGS = [path for path in ALL if path.parent.name != 'mini_sd']
MINIS = [path for path in CONFIGS if '_mini' in path.name]
OTHERS = ('detection', 'pose', 'meta_prompts')
SEGMENTATION = [path for path in CONFIGS if path.parent.name not in OTHERS]
FULL = [path for path in SEGMENTATION if path not in MINIS]


def load(path: Path) -> Config:
    cfg = Config.fromfile(path)
    init_default_scope(cfg.default_scope)
    return cfg


def is_depth(cfg: Config) -> bool:
    return cfg.model.decode_head.type == 'VPDDepthHead'


def side(cfg: Config) -> int:
    """Pixels of a side that a shrunk network sees."""
    # The depth head drops a row and a column of canvas, of 4x4 cells for 128 pixels.
    return 96 if is_depth(cfg) else 64


def shrink(cfg: Config) -> Config:
    """The same network with the mini architecture, on small crops, on one CPU."""
    model = cfg.model
    model.backbone.update(arch='mini', pretrained=None)
    channels = [info.channels for info in MODELS.build(model.backbone).feature_info]
    norm = dict(type='GN', num_groups=4)
    if 'neck' in model:
        model.neck.update(in_channels=channels, out_channels=16)
        model.decode_head.update(in_channels=[16] * 4, channels=16, norm_cfg=norm)
    elif is_depth(cfg):
        filters = dict(num_deconv_layers=3, num_deconv_filters=(8, 8, 8))
        sizes = dict(in_channels=channels, embed_dim=8, feature_dim=64)
        model.decode_head.update(**sizes, **filters)
    else:
        model.decode_head.update(in_channels=channels, channels=16, norm_cfg=norm)
    size = (side(cfg), side(cfg))
    model.data_preprocessor.size = size
    if model.test_cfg.mode != 'whole':
        model.test_cfg.update(crop_size=size, stride=(size[0] * 2 // 3,) * 2)
        size = (4 * size[0], size[0])
    cfg.test_pipeline[1].scale = size
    return cfg


@pytest.fixture(params=SEGMENTATION, ids=lambda path: path.stem)
def shrunk(request) -> tuple[Config, torch.nn.Module]:
    cfg = shrink(load(request.param))
    torch.manual_seed(0)
    return cfg, MODELS.build(cfg.model)


@pytest.mark.parametrize('path', FULL, ids=lambda path: path.stem)
def test_channels_of_the_full_size_fit(path):
    """Neck or head gets what the real architecture's backbone promises."""
    cfg = load(path)
    with torch.device('meta'):
        backbone = MODELS.build(cfg.model.backbone)
    channels = [info.channels for info in backbone.feature_info]
    assert channels == cfg.model.get('neck', cfg.model.decode_head).in_channels
    assert [info.stride for info in backbone.feature_info] == [8, 16, 32, 64]


def make_sample(cfg: Config) -> SegDataSample:
    """Random annotations of what the config trains, and the text of the image."""
    size = (1, side(cfg), side(cfg))
    text = dict(expression='the red ball', scene='kitchen', category_id=6)
    sample = SegDataSample(metainfo=dict(img_shape=size[1:], **text))
    if is_depth(cfg):
        sample.gt_depth_map = PixelData(data=torch.rand(size) * 9)
    else:
        labels = torch.randint(0, cfg.model.decode_head.get('num_classes', 2), size)
        sample.gt_sem_seg = PixelData(data=labels)
    return sample


def test_training_step_reaches_every_parameter(shrunk):
    """DDP runs with ``find_unused_parameters=False`` on exactly this condition."""
    cfg, model = shrunk
    model.train()
    image = torch.randint(0, 256, (3, side(cfg), side(cfg)), dtype=torch.uint8)
    batch = dict(inputs=[image] * 2, data_samples=[make_sample(cfg)] * 2)
    batch = model.data_preprocessor(batch, training=True)
    loss, _ = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    assert torch.isfinite(loss)
    unused = [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and parameter.grad is None
    ]
    assert not unused
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    kept = ('backbone.vae.', 'backbone.prompt.text_encoder.')
    assert all(name.startswith(kept) for name in frozen)


def test_checkpoint_predicts_an_unlabelled_jpeg(shrunk, tmp_path):
    """A saved and reloaded model gives the same picture of a file without labels."""
    cfg, model = shrunk
    picture, checkpoint = tmp_path / 'photo.jpg', tmp_path / 'trained.pth'
    pixels = np.random.default_rng(0).integers(0, 256, (96, 120, 3), dtype=np.uint8)
    cv2.imwrite(str(picture), pixels)
    save_checkpoint(dict(state_dict=model.state_dict(), meta={}), str(checkpoint))
    cfg.dump(tmp_path / 'config.py')
    again = ImagePredictor(tmp_path / 'config.py', checkpoint)
    key = cfg.model.data_preprocessor.get('text_key')
    text = {None: None, 'expression': 'the red ball', 'scene': 'kitchen'}[key]
    predictions = []
    for network in (again.model, model.eval()):
        again.model = network
        result = again.predict(picture, text)[1]
        field = result.pred_depth_map if is_depth(cfg) else result.seg_logits
        assert field.data.shape[1:] == (96, 120)
        predictions.append(field.data)
    assert torch.equal(*predictions)
    # Text that never changes is encoded once; only an image's own text is not.
    has_encoder = any('text_encoder' in key for key in model.state_dict())
    assert has_encoder == (key == 'expression')


@pytest.mark.parametrize('mini, full', FULL_OF_MINI.items())
def test_mini_sibling_is_the_same_method(mini, full):
    """It differs from the full size in sizes, paths and schedule only."""
    paths = {path.stem: path for path in CONFIGS}
    ours, theirs = (
        Config.fromfile(paths[name])._to_lazy_dict() for name in (mini, full)
    )
    changed = set(differing_keys(ours, theirs))
    surprises = {key for key in changed if not key.startswith(MINI_MAY_CHANGE)}
    assert not surprises


def test_every_mini_config_has_a_full_size():
    assert {path.stem for path in MINIS} == set(FULL_OF_MINI)


@pytest.mark.parametrize('folder', sorted({path.parent for path in ALL}), ids=str)
def test_metafile_lists_every_config(folder):
    metafile = yaml.safe_load((folder / 'metafile.yml').read_text())
    listed = {model['Config']: model['Name'] for model in metafile['Models']}
    shipped = {
        str(path.relative_to(ROOT)): path.stem for path in ALL if path.parent == folder
    }
    assert listed == shipped


def test_recipes_make_few_groups():
    """The released learning rates, group by group (parameters of the mini size)."""
    from diffmm.engine import MergedOptimWrapperConstructor

    cfg = shrink(load(ROOT / 'configs/vpd/vpd_sd15_fpn_8xb2-80k_ade20k-512x512.py'))
    wrapper = cfg.optim_wrapper
    options = {k: wrapper[k] for k in ('type', 'optimizer')}
    constructor = MergedOptimWrapperConstructor(options, wrapper.paramwise_cfg)
    model = MODELS.build(cfg.model)
    groups = constructor(model).optimizer.param_groups
    assert len(groups) <= 8
    found = {
        id(parameter): (group['lr'], group['weight_decay'])
        for group in groups
        for parameter in group['params']
    }
    unet = model.backbone.unet
    block = unet.down_blocks[0].attentions[1]
    released = {
        # Norms of transformers: full learning rate, no decay.
        block.norm.weight: (8e-5, 0),
        block.transformer_blocks[0].norm2.bias: (8e-5, 0),
        unet.mid_block.attentions[0].norm.bias: (8e-5, 0),
        unet.up_blocks[1].attentions[2].norm.weight: (8e-5, 0),
        # The rest of the UNet, norms of residual blocks included: a tenth, with decay.
        unet.down_blocks[0].resnets[0].norm1.weight: (8e-6, 1e-3),
        block.transformer_blocks[0].attn2.to_k.weight: (8e-6, 1e-3),
        unet.time_embedding.linear_1.weight: (8e-6, 1e-3),
        # Adapter and head: full, with decay.
        model.backbone.prompt.adapter.gamma: (8e-5, 1e-3),
        model.decode_head.conv_seg.weight: (8e-5, 1e-3),
    }
    for parameter, expected in released.items():
        assert found[id(parameter)] == pytest.approx(expected)
