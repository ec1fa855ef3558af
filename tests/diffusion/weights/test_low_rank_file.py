import pytest
import torch
from diffusers import UNet2DConditionModel
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from diffmm.diffusion import WeightsError, load_architecture
from diffmm.diffusion.low_rank import add_low_rank, write_low_rank
from diffmm.diffusion.weights import open_prior
from tests import tiny

ARCHITECTURE = load_architecture(tiny.ARCHITECTURE)
FILE = 'pytorch_lora_weights.safetensors'


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('model') / 'tiny')


def adapted(folder, **options):
    """Diffusers' UNet with adapters that change something."""
    unet = UNet2DConditionModel.from_pretrained(folder / 'unet')
    add_low_rank(unet, rank=2, **options)
    torch.manual_seed(3)
    for name, parameter in unet.named_parameters():
        if '.lora_B' in name:
            torch.nn.init.normal_(parameter, std=0.2)
    return unet.eval()


def predict(unet):
    torch.manual_seed(0)
    latents, context = torch.randn(1, 4, 8, 8), torch.randn(1, 5, tiny.WIDTH)
    with torch.no_grad():
        return unet(latents, torch.tensor([100]), context).sample


def merged(folder, path):
    unet = UNet2DConditionModel(**tiny.UNET)
    open_prior(folder, lora=[path]).load_into(unet, 'unet', ARCHITECTURE)
    return unet.eval()


@pytest.mark.parametrize(
    'options',
    [
        dict(),
        dict(alpha=6),
        dict(targets=['conv1', 'to_k', 'proj_in']),
    ],
    ids=['projections', 'another scale', 'convolutions'],
)
def test_a_file_that_diffusers_writes(folder, tmp_path, options):
    unet = adapted(folder, **options)
    write_low_rank(unet, tmp_path)
    expected = predict(unet)
    torch.testing.assert_close(predict(merged(folder, tmp_path)), expected)
    plain = UNet2DConditionModel.from_pretrained(folder / 'unet')
    assert not torch.allclose(predict(plain), expected, atol=1e-3)


def test_the_form_of_kohya(folder, tmp_path):
    unet = adapted(folder, alpha=6)
    kohya = {}
    for name, tensor in get_peft_model_state_dict(unet).items():
        layer, factor, _ = name.rsplit('.', 2)
        layer = f'lora_unet_{layer.replace(".", "_")}'
        factor = dict(lora_A='down', lora_B='up')[factor]
        kohya[f'{layer}.lora_{factor}.weight'] = tensor.contiguous()
        kohya[f'{layer}.alpha'] = torch.tensor(6.0)
    save_file(kohya, tmp_path / 'kohya.safetensors')
    actual = predict(merged(folder, tmp_path / 'kohya.safetensors'))
    torch.testing.assert_close(actual, predict(unet))


def test_a_backbone_takes_it(folder, tmp_path):
    write_low_rank(adapted(folder), tmp_path)
    plain = tiny.build_backbone(pretrained=str(folder))
    changed = tiny.build_backbone(pretrained=str(folder), lora=str(tmp_path))
    with torch.no_grad():
        before, after = (b.eval()(tiny.image())[0] for b in (plain, changed))
    assert not torch.allclose(before, after, atol=1e-3)


def test_another_architecture(folder, tmp_path):
    write_low_rank(adapted(folder), tmp_path)
    tensors = load_file(tmp_path / FILE)
    wide = {
        n: torch.cat([t, t], dim=1) if '_A' in n or 'down.w' in n else t
        for n, t in tensors.items()
    }
    deep = {n.replace('mid_block.', 'mid_block.more.'): t for n, t in tensors.items()}
    for name, content, message in (
        ('wide', wide, 'trained on another architecture'),
        ('deep', deep, 'mid_block.more.*is missing'),
    ):
        save_file(content, tmp_path / f'{name}.safetensors')
        with pytest.raises(WeightsError, match=message):
            merged(folder, tmp_path / f'{name}.safetensors')


def test_files_of_something_else(folder, tmp_path):
    save_file({'unet.conv.weight': torch.zeros(1)}, tmp_path / 'a.safetensors')
    for path, message in (
        (tmp_path, 'has no pytorch_lora_weights'),
        (tmp_path / 'a.safetensors', "'unet.conv.weight', which is no low-rank"),
        (tmp_path / 'missing.safetensors', 'does not exist'),
    ):
        with pytest.raises(WeightsError, match=message):
            open_prior(folder, lora=[path])
