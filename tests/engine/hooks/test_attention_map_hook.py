import copy
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.model import BaseModel, BaseTTAModel
from mmengine.registry import DATASETS, HOOKS, MODELS
from mmengine.structures import BaseDataElement
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from diffmm.visualization import draw_cross_attention, merge_attention_maps
from tests.engine.hooks.registering_test_case import RegisteringTestCase

NAMES = ['dark', 'red', 'green', 'blue']


class Features(tuple):
    """Feature maps that carry attention maps, as the real backbone's output does."""

    attention_maps: dict


class ColourBackbone(nn.Module):
    """Attends to 'red' where the image is red, and so on."""

    def __init__(self, captures=True, names=NAMES):
        super().__init__()
        self.prompt = SimpleNamespace(names=names)
        self.captures = captures
        self.calls = []

    def forward(self, images):
        assert not self.training
        self.calls.append(tuple(images.shape))
        features = Features([images])
        features.attention_maps = {}
        if self.captures:
            scores = torch.cat([torch.zeros_like(images[:, :1]), images], 1)
            probabilities = (4 * scores).softmax(1)
            for stride in (8, 16):
                features.attention_maps[stride] = F.avg_pool2d(
                    probabilities, stride, ceil_mode=True
                )
        return features


class ColourModel(BaseModel):
    def __init__(self, data_preprocessor=None, **backbone):
        super().__init__(data_preprocessor=data_preprocessor)
        self.backbone = ColourBackbone(**backbone)
        self.layer = nn.Linear(1, 1)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        if mode == 'loss':
            return dict(loss=self.layer.weight.sum())
        return data_samples or [BaseDataElement() for _ in inputs]


class FirstView(BaseTTAModel):
    def merge_preds(self, data_samples_list):
        return [views[0] for views in data_samples_list]


class Squares(Dataset):
    """A red square, in BGR as OpenCV reads it; no annotation anywhere."""

    def __init__(self, views=0, samples=True, size=(50, 90)):
        self.views, self.samples, self.size = views, samples, size

    def __len__(self):
        return 6

    def __getitem__(self, index):
        image = torch.zeros(3, *self.size, dtype=torch.uint8)
        image[2, 8:24, 16 * (index % 4) : 16 * (index % 4) + 16] = 255
        item = dict(inputs=image)
        if self.samples:
            path = f'/data/folder.{index}/image.{index}.jpg'
            item['data_samples'] = BaseDataElement(metainfo=dict(img_path=path))
        if self.views:
            item = {key: [value] * self.views for key, value in item.items()}
            item['inputs'][1:] = [view.flip(-1) for view in item['inputs'][1:]]
        return item


class TestAttentionMapHook(RegisteringTestCase):
    modules = (
        (DATASETS, Squares),
        (MODELS, ColourModel),
        (MODELS, FirstView),
    )

    def config(self, dataset=None, model=None, batch=2, **hook):
        cfg = copy.deepcopy(self.iter_based_cfg)
        cfg.work_dir = self.temp_dir.name
        cfg.model = dict(
            type='ColourModel',
            data_preprocessor=dict(
                type='ImgDataPreprocessor',
                mean=[127.5] * 3,
                std=[127.5] * 3,
                bgr_to_rgb=True,
                pad_size_divisor=64,
            ),
            **(model or {}),
        )
        for split in ('train', 'val', 'test'):
            loader = cfg[f'{split}_dataloader']
            loader.dataset = dict(type='Squares', **(dataset or {}))
            loader.batch_size = batch
        cfg.train_cfg = dict(by_epoch=False, max_iters=4, val_interval=2)
        hook = dict(type='AttentionMapHook', **{'interval': 1, **hook})
        cfg.custom_hooks = [hook]
        return cfg

    def images(self):
        return {
            path.name: cv2.imread(str(path))[..., ::-1]
            for path in Path(self.temp_dir.name).rglob('vis_image/*.png')
        }

    def test_names_and_numbers(self):
        self.build_runner(self.config(max_images=3)).test()
        self.assertEqual(
            sorted(self.images()),
            [f'test_attention_00{i}_image.{i}_0.png' for i in range(3)],
        )

    def test_every_validation_has_its_images(self):
        self.build_runner(self.config(interval=2, max_images=9)).train()
        # Batches 0 and 2 of two images each.
        expected = [
            f'val_attention_00{i}_image.{image}_{step}.png'
            for step in (2, 4)
            for i, image in enumerate((0, 1, 4, 5))
        ]
        self.assertEqual(sorted(self.images()), sorted(expected))

    def test_only_wanted_images_are_computed(self):
        runner = self.build_runner(self.config(max_images=3))
        runner.test()
        self.assertEqual(
            runner.model.backbone.calls, [(2, 3, 64, 128), (1, 3, 64, 128)]
        )

    def test_picture(self):
        """The grid shows the unpadded RGB image and the red class where it is red."""
        runner = self.build_runner(self.config(max_images=1, top_k=2, alpha=1.0))
        runner.test()
        (picture,) = self.images().values()
        image = Squares()[0]['inputs'].flip(0).permute(1, 2, 0).numpy()
        tile = picture[picture.shape[0] // 2 - 50 : picture.shape[0] // 2, :90]
        np.testing.assert_array_equal(tile, image)

        data = runner.model.data_preprocessor(dict(inputs=[Squares()[0]['inputs']]))
        features = runner.model.backbone(data['inputs'])
        maps, stride = merge_attention_maps(features.attention_maps)
        expected = draw_cross_attention(
            image, maps[0], stride, NAMES, selected=['dark', 'red'], alpha=1.0
        )
        np.testing.assert_array_equal(picture, expected)
        # The input and 'dark' are above, 'red' below.
        red = picture[-50:, :90].astype(int)
        row, column = np.unravel_index(red[..., 1].argmax(), (50, 90))
        assert 8 <= row < 24 and column < 16

    def test_options_reach_the_picture(self):
        self.build_runner(
            self.config(max_images=1, names=['blue'], strides=[16])
        ).test()
        (chosen,) = self.images().values()
        self.assertEqual(chosen.shape[1], 180)
        self.assertLess(chosen.shape[0], 100)

    def test_pipeline_without_data_samples(self):
        self.build_runner(self.config(dataset=dict(samples=False))).test()
        self.assertEqual(len(self.images()), 6)
        self.assertIn('test_attention_000_image_0.png', self.images())

    def test_time_augmentation_shows_the_first_view(self):
        self.build_runner(self.config(max_images=1)).test()
        (plain,) = self.images().values()
        self.clear_work_dir()
        cfg = self.config(dataset=dict(views=3), max_images=1)
        cfg.model = dict(type='FirstView', module=cfg.model)
        self.build_runner(cfg).test()
        (augmented,) = self.images().values()
        np.testing.assert_array_equal(augmented, plain)

    def test_distributed(self):
        self.setup_dist_env()
        cfg = self.config(max_images=2)
        cfg.launcher = 'pytorch'
        cfg.env_cfg = dict(dist_cfg=dict(backend='gloo'))
        runner = self.build_runner(cfg)
        self.assertTrue(hasattr(runner.model, 'module'))
        runner.test()
        self.assertEqual(len(self.images()), 2)

    def test_only_the_main_process_draws(self):
        runner = self.build_runner(self.config())
        runner._rank = 1
        runner.test()
        self.assertEqual(runner.model.backbone.calls, [])

    def test_switched_off(self):
        runner = self.build_runner(self.config(draw=False, model=dict(names=None)))
        runner.test()
        self.assertEqual(runner.model.backbone.calls, [])

    def test_training_draws_nothing(self):
        cfg = self.config()
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        runner = self.build_runner(cfg)
        runner.train()
        self.assertEqual(runner.model.backbone.calls, [])

    def test_no_attention_captured(self):
        runner = self.build_runner(self.config(model=dict(captures=False)))
        with pytest.raises(ValueError, match='captured no attention maps; ask for'):
            runner.test()

    def test_backbone_without_names(self):
        """Found before training starts."""
        runner = self.build_runner(self.config(model=dict(names=None)))
        with pytest.raises(TypeError, match='ColourModel with backbone ColourBackbone'):
            runner.train()
        self.assertEqual(runner.iter, 0)

    def test_unknown_name(self):
        runner = self.build_runner(self.config(names=['rad']))
        with pytest.raises(ValueError, match=r"'rad'; did you mean one of \['red'\]"):
            runner.train()
        self.assertEqual(runner.iter, 0)

    def test_number_of_names(self):
        runner = self.build_runner(self.config(model=dict(names=['a', 'b'])))
        with pytest.raises(ValueError, match=r'2 names need .* got \(4, 8, 16\)'):
            runner.test()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(interval=0), 'interval must be at least 1, but got 0'),
        (dict(max_images=-1), 'max_images must be at least 1, but got -1'),
        (dict(top_k=0), 'top_k must be at least 1, but got 0'),
        (dict(rank_by='max'), "got 'max'"),
        (dict(names='sky'), "got 'sky'"),
        (dict(names=[]), r'got \[\]'),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        HOOKS.build(dict(type='AttentionMapHook', **options))
