from __future__ import annotations

import pytest
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from mmengine.registry import MODELS

from diffmm.apis import read_checkpoint
from tests import tiny

NAME = 'model_converters/export_instruct_pix2pix'


def write(folder, **options):
    """Config and checkpoint of a perceptor that was not trained."""
    model = dict(
        type='InstructPerceptor',
        codec=dict(type='WhiteMaskCodec'),
        guidance=dict(text=3.0, image=1.5),
        **options,
    )
    config, checkpoint = folder / 'config.py', folder / 'trained.pth'
    config.write_text(f"default_scope = 'mmengine'\nmodel = {model!r}\n")
    built = MODELS.build(model)
    with tiny.quiet():
        built.init_weights()
    torch.save(dict(state_dict=built.state_dict(), meta={}), checkpoint)
    return [str(config), str(checkpoint)], built


def test_checkpoint_becomes_a_pipeline(load_tool, tmp_path, capsys):
    arguments, model = write(tmp_path, arch=tiny.ARCHITECTURE)
    out = tmp_path / 'out'
    load_tool(NAME).main([*arguments, str(out)])
    assert 'guidance_scale=3.0, image_guidance_scale=1.5' in capsys.readouterr().out
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(
        out, safety_checker=None
    )
    weight = pipeline.unet.conv_in.weight
    assert torch.equal(weight, model.unet.conv_in.weight)


def test_what_the_pipeline_cannot_run(load_tool, tmp_path):
    condition = dict(type='ImageCondition')
    arguments, _ = write(tmp_path, arch=tiny.ARCHITECTURE, condition=condition)
    with pytest.raises(SystemExit, match="its .'condition'. differ"):
        load_tool(NAME).main([*arguments, str(tmp_path / 'out')])


def test_a_compact_checkpoint(load_tool, tmp_path, capsys):
    prompt = dict(type='TrainedTextPrompt', num_tokens=16)
    arguments, model = write(tmp_path, arch='mini', pretrained='mini', prompt=prompt)
    tool = load_tool('model_converters/compact_checkpoint')
    out = tmp_path / 'compact.safetensors'
    with pytest.raises(SystemExit, match='more than --max-megabytes 1.0'):
        tool.main([*arguments, str(out), '--max-megabytes', '1'])
    tool.main([*arguments, str(out)])
    # `mini` itself, in half precision, with a wider input layer.
    assert '17.6 MB' in capsys.readouterr().out
    found = read_checkpoint(out)['state_dict']
    for name, value in model.state_dict().items():
        torch.testing.assert_close(found[name], value.float(), rtol=1e-3, atol=1e-4)
    with pytest.raises(SystemExit, match='must end in .safetensors'):
        tool.main([*arguments, str(tmp_path / 'compact.pth')])
