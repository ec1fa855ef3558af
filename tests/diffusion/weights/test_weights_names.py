from diffmm.diffusion.weights.weights_names import weights_names


def test_full_precision_and_safetensors_come_first():
    assert [name.file for name in weights_names('unet')] == [
        'diffusion_pytorch_model.safetensors',
        'diffusion_pytorch_model.fp16.safetensors',
        'diffusion_pytorch_model.bin',
        'diffusion_pytorch_model.fp16.bin',
    ]
    assert weights_names('text_encoder')[-2].file == 'pytorch_model.bin'


def test_a_variant_is_taken_alone_with_both_names_of_its_parts():
    safe, pickle = weights_names('vae', 'fp16')
    assert safe.file == 'diffusion_pytorch_model.fp16.safetensors'
    assert safe.index == 'diffusion_pytorch_model.safetensors.index.fp16.json'
    assert safe.shards == (
        'diffusion_pytorch_model-?????-of-?????.fp16.safetensors',
        'diffusion_pytorch_model.fp16-?????-of-?????.safetensors',
    )
    assert pickle.patterns[:2] == (pickle.file, pickle.index)
