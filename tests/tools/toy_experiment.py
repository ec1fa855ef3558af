"""A linear regression on mmengine alone, to test the scripts in a second or two.

The configs that the tests write import it, with this folder on PYTHONPATH.
"""

from __future__ import annotations

import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel, BaseTTAModel
from mmengine.registry import DATASETS, METRICS, MODELS, RUNNERS
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset


@MODELS.register_module()
class ToyModel(BaseModel):
    """One linear layer, always started from the same weights."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)
        nn.init.constant_(self.layer.weight, 0.1)
        nn.init.zeros_(self.layer.bias)

    def forward(self, inputs, targets, mode='tensor'):
        outputs = self.layer(inputs)
        if mode == 'loss':
            return dict(loss=(outputs - targets).pow(2).mean())
        return [outputs.mean()]


@MODELS.register_module()
class ToyTTAModel(BaseTTAModel):
    """A test-time augmentation wrapper that negates what its module says."""

    def test_step(self, data):
        return self.merge_preds([self.module.test_step(data)])

    def merge_preds(self, data_samples_list):
        return [-sample for samples in data_samples_list for sample in samples]


@DATASETS.register_module()
class ToyDataset(Dataset):
    """Eight fixed points. ``pipeline`` names a factor, to see which one was used."""

    METAINFO: dict = {}

    def __init__(self, pipeline=1.0):
        points = torch.arange(16.0).reshape(8, 2) / 16
        self.inputs = points * pipeline
        self.targets = points.sum(1, keepdim=True)

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, index):
        return dict(inputs=self.inputs[index], targets=self.targets[index])


@METRICS.register_module()
class ToyMetric(BaseMetric):
    """Mean prediction; writes it to ``output_dir`` if there is one."""

    default_prefix = 'toy'

    def __init__(self, output_dir=None, keep_results=False, **kwargs):
        super().__init__(**kwargs)
        self.output_dir = output_dir
        self.keep_results = keep_results

    def process(self, data_batch, data_samples):
        self.results += [float(sample) for sample in data_samples]

    def compute_metrics(self, results):
        print(f'output_dir={self.output_dir} keep_results={self.keep_results}')
        return dict(mean=sum(results) / len(results))


@METRICS.register_module()
class ToySilentMetric(BaseMetric):
    """A metric that cannot write predictions."""

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        return dict(none=0.0)


@RUNNERS.register_module()
class ToyRunner(Runner):
    """Announces itself."""

    def train(self):
        print('ToyRunner trains')
        return super().train()
