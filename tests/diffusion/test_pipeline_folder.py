from __future__ import annotations

import json
from copy import deepcopy

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file

from diffmm.diffusion import load_architecture, load_tokenizer, open_prior
from diffmm.diffusion.low_rank import add_low_rank, write_low_rank
from diffmm.diffusion.pipeline_folder import (
    personalize,
    read_pipeline_folder,
    write_pipeline_folder,
)
from diffmm.diffusion.weights import write_word
from diffmm.models.generators import TextToImageDiffusion
from tests import tiny


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    torch.manual_seed(0)
    model = TextToImageDiffusion(arch=tiny.ARCHITECTURE).eval()
    folder = tmp_path_factory.mktemp('folder') / 'model'
    size = write_pipeline_folder(model.build_pipeline(), folder)
    return model, folder, size


def test_diffusers_reads_it_unchanged_and_draws_the_same(written):
    model, folder, _ = written
    pipeline = StableDiffusionPipeline.from_pretrained(folder)
    options = dict(num_inference_steps=2, guidance_scale=3.0, height=64, width=64)
    images = pipeline(
        ['a cat'],
        generator=torch.Generator().manual_seed(0),
        output_type='pt',
        **options,
    ).images
    expected = model.generate(['a cat'], steps=2, size=64).float() / 255
    assert (images - expected).abs().max() < 0.02
    assert pipeline.text_encoder.dtype == pipeline.unet.dtype == torch.float32


def test_text_encoder_has_the_names_that_every_transformers_reads(written):
    tensors = load_file(written[1] / 'text_encoder' / 'model.safetensors')
    assert all(name.startswith('text_model.') for name in tensors)
    assert 'text_model.embeddings.token_embedding.weight' in tensors


def test_tokenizer_is_ours(written):
    pipeline = StableDiffusionPipeline.from_pretrained(written[1])
    text = "a café's cat, 2 trees"
    assert pipeline.tokenizer(text).input_ids == load_tokenizer()(text).input_ids
    assert pipeline.tokenizer.model_max_length == 77


def test_the_package_reads_it(written):
    model, folder, _ = written
    source = open_prior(folder)
    architecture = load_architecture(tiny.ARCHITECTURE)
    tensors = source.state_dict('unet', architecture)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    weight = model.unet.conv_in.weight
    torch.testing.assert_close(
        tensors['conv_in.weight'].float(), weight, rtol=1e-3, atol=1e-4
    )
    assert weight.dtype == torch.float32
    features = source.text_encoder(architecture)(['a cat']).tokens
    ours = model.text.model(torch.tensor([[49406, 320, 2368, 49407]]))
    torch.testing.assert_close(
        features[:, :4], ours.last_hidden_state, rtol=1e-2, atol=1e-2
    )


def test_size_and_parts(written):
    _, folder, size = written
    files = [path for path in folder.rglob('*') if path.is_file()]
    assert size == sum(path.stat().st_size for path in files)
    index = json.loads((folder / 'model_index.json').read_text())
    assert index['safety_checker'] == [None, None]
    assert {path.parent.name for path in files} >= {
        'unet',
        'vae',
        'text_encoder',
        'tokenizer',
        'scheduler',
    }


def test_nothing_is_overwritten(written):
    model, folder, _ = written
    with pytest.raises(FileExistsError, match='exists; remove it'):
        write_pipeline_folder(model.build_pipeline(), folder)


def test_an_interrupted_write_leaves_no_folder(written, tmp_path, monkeypatch):
    model, _, _ = written
    pipeline = model.build_pipeline()

    def fail(*args, **kwargs):
        raise OSError('disk full')

    monkeypatch.setattr('diffmm.diffusion.pipeline_folder._write_tokenizer', fail)
    with pytest.raises(OSError, match='disk full'):
        write_pipeline_folder(pipeline, tmp_path / 'model')
    assert not (tmp_path / 'model').exists()
    monkeypatch.undo()
    write_pipeline_folder(pipeline, tmp_path / 'model')
    assert [path.name for path in tmp_path.iterdir()] == ['model']


def test_a_pipeline_takes_words_and_adapters(written, tmp_path):
    _, folder, _ = written
    layer = 'mid_block.attentions.0.transformer_blocks.0.attn2.to_q'
    pipeline = read_pipeline_folder(folder)
    before = pipeline.unet.get_submodule(layer).weight.clone()
    unet = deepcopy(pipeline.unet)
    add_low_rank(unet, rank=2, targets=[layer])
    torch.nn.init.ones_(unet.get_submodule(layer).lora_B['default'].weight)
    change = unet.get_submodule(layer).lora_A['default'].weight.sum(dim=0)
    write_low_rank(unet, tmp_path)
    write_word('<dusk>', torch.ones(1, tiny.WIDTH), tmp_path / 'dusk.safetensors')
    personalize(pipeline, [tmp_path / 'dusk.safetensors'], [tmp_path])
    after = pipeline.unet.get_submodule(layer).weight
    torch.testing.assert_close(after - before, change.expand_as(before))
    assert pipeline.tokenizer('a <dusk>').input_ids[2] == 49408
    with pytest.raises(ValueError, match="has learned .'<dusk>'.*separately"):
        write_pipeline_folder(pipeline, tmp_path / 'model')
