"""The documentation's examples of mmpretrain, where that optional host is installed."""

import sys
from importlib.util import find_spec

import pytest
import torch
from mmengine.registry import MODELS

from tests.docs_support.page import read_blocks
from tests.integration.experiment import ROOT

ABSENT = find_spec('mmpretrain') is None


@pytest.mark.skipif(ABSENT, reason='mmpretrain is optional and not installed')
def test_the_documented_retriever_runs(capsys):
    blocks = read_blocks(ROOT / 'docs' / 'vermouth.md')
    index = next(i for i, each in enumerate(blocks) if 'mmpretrain' in each.text)
    names = {}
    exec(compile(blocks[index].text, 'docs/vermouth.md', 'exec'), names)
    assert capsys.readouterr().out == blocks[index + 1].text
    # A classifier of mmpretrain learns on the same parts.
    config = dict(
        type='mmpretrain.ImageClassifier',
        backbone=names['backbone'] | dict(trainable='norm', layers=['mid_block']),
        neck=dict(type='GlobalAveragePooling'),
        head=dict(type='LinearClsHead', num_classes=3, in_channels=128),
        data_preprocessor=names['retriever'].data_preprocessor,
    )
    model = MODELS.build(config)
    sample = names['DataSample'](metainfo=dict(caption='a ball')).set_gt_label(2)
    data = dict(inputs=[names['sketch']], data_samples=[sample])
    batch = model.data_preprocessor(data, True)
    assert batch['inputs'].texts == ('a ball',)
    model(**batch, mode='loss')['loss'].backward()
    trained = [p for p in model.parameters() if p.requires_grad]
    assert trained and all(p.grad is not None for p in trained)
    (found,) = model.eval()(**batch, mode='predict')
    assert found.pred_score.shape == torch.Size([3])


@pytest.mark.skipif(not ABSENT, reason='mmpretrain is installed')
def test_without_it_the_install_command_is_said():
    assert 'mmpretrain' not in sys.modules
    with pytest.raises(ImportError, match=r'needs mmpretrain.*"diffmm\[cls\]"'):
        MODELS.build(dict(type='TextClsDataPreprocessor', text_key='caption'))
