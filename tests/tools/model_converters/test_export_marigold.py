from __future__ import annotations

import pytest
import torch
from diffusers import MarigoldDepthPipeline
from mmengine.registry import MODELS

from tests import tiny
from tests.tools.tiny_generators import write_trained

NAME = 'model_converters/export_marigold'


@pytest.fixture
def trained(tmp_path):
    """Config and checkpoint of a perceptor that started from a tiny folder."""
    base = tiny.write_folder(tmp_path / 'base')
    model = dict(
        type='DiffusionPerceptor',
        arch=tiny.ARCHITECTURE,
        pretrained=str(base),
        codec=dict(type='AffineDepthCodec'),
        objective=dict(schedule=dict(prediction_type='v_prediction')),
        sampler=dict(steps=2, set_alpha_to_one=False),
    )
    config, checkpoint = tmp_path / 'config.py', tmp_path / 'trained.pth'
    config.write_text(f"default_scope = 'mmengine'\nmodel = {model!r}\n")
    built = MODELS.build(model)
    torch.save(dict(state_dict=built.state_dict(), meta={}), checkpoint)
    return [str(config), str(checkpoint)], built


def test_checkpoint_becomes_a_pipeline(load_tool, trained, tmp_path, capsys):
    arguments, model = trained
    out = tmp_path / 'out'
    load_tool(NAME).main([*arguments, str(out), '--processing-resolution', '64'])
    assert f'{out}: ' in capsys.readouterr().out
    pipeline = MarigoldDepthPipeline.from_pretrained(out)
    assert pipeline.default_denoising_steps == 2
    assert pipeline.default_processing_resolution == 64
    weight = pipeline.unet.conv_in.weight
    assert torch.equal(weight, model.unet.conv_in.weight)
    with pytest.raises(SystemExit, match='exists; remove it or name another'):
        load_tool(NAME).main([*arguments, str(out)])


def test_bad_input(load_tool, trained, tmp_path):
    (config, _), _ = trained
    out = str(tmp_path / 'out')
    with pytest.raises(SystemExit, match='no checkpoint at .*gone.pth'):
        load_tool(NAME).main([config, str(tmp_path / 'gone.pth'), out])
    other, checkpoint, _ = write_trained(tmp_path, 'LatentAutoencoder')
    with pytest.raises(SystemExit, match='builds a LatentAutoencoder, no DiffusionP'):
        load_tool(NAME).main([str(other), str(checkpoint), out])
