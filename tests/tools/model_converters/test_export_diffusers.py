from __future__ import annotations

import pytest
import torch
from diffusers import StableDiffusionPipeline

from tests.tools.tiny_generators import write_trained

NAME = 'model_converters/export_diffusers'


@pytest.fixture
def trained(tmp_path):
    config, checkpoint, model = write_trained(tmp_path, 'TextToImageDiffusion')
    state = model.state_dict()
    state['text.seen_tokens'][[320, 2368, 49406, 49407]] = True
    torch.save(dict(state_dict=state, meta={}), checkpoint)
    return config, checkpoint, model


def test_checkpoint_becomes_a_pipeline(load_tool, trained, tmp_path, capsys):
    config, checkpoint, model = trained
    out = tmp_path / 'out'
    load_tool(NAME).main([str(config), str(checkpoint), str(out)])
    assert '4 tokens with a meaning' in capsys.readouterr().out
    pipeline = StableDiffusionPipeline.from_pretrained(out)
    images = pipeline(
        'a cat',
        num_inference_steps=2,
        guidance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
        output_type='pt',
    ).images
    expected = model.generate(['a cat'], steps=2, guidance=1.0).float() / 255
    assert (images - expected).abs().max() < 0.02
    table = pipeline.text_encoder.get_input_embeddings().weight
    assert table[2368].any() and not table[1000].any()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--max-megabytes', '0.1'], 'more than --max-megabytes 0.1'),
        ([], 'exists; remove it or name another folder'),
    ],
)
def test_too_large_or_there_already(load_tool, trained, tmp_path, options, message):
    config, checkpoint, _ = trained
    out = tmp_path / 'out'
    if not options:
        out.mkdir()
    with pytest.raises(SystemExit, match=message):
        load_tool(NAME).main([str(config), str(checkpoint), str(out), *options])
    assert not out.exists() or not list(out.iterdir())


def test_another_model_is_refused(load_tool, tmp_path):
    config, checkpoint, _ = write_trained(tmp_path, 'LatentAutoencoder')
    with pytest.raises(SystemExit, match='builds a LatentAutoencoder'):
        load_tool(NAME).main([str(config), str(checkpoint), str(tmp_path / 'out')])


def test_damaged_checkpoint_is_one_clear_error(load_tool, trained, tmp_path):
    config, checkpoint, _ = trained
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    with pytest.raises(SystemExit, match='its 1,000 bytes are truncated or damaged'):
        load_tool(NAME).main([str(config), str(checkpoint), str(tmp_path / 'out')])
