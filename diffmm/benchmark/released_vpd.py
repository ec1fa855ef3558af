"""The released VPD, from a checkout that the user has."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import torch
import yaml
from torch import Tensor, nn

_UNET = 'vpd/models.py'
_CONFIG = 'stable-diffusion/configs/stable-diffusion/v1-inference.yaml'
_LDM = 'stable-diffusion/ldm/models/diffusion/ddpm.py'
# What the released files import and the pass from image to features does not need:
# the trainer, vector quantization, the reader of configs, and a layer for heads.
_NOT_NEEDED = {
    'pytorch_lightning': ('LightningModule',),
    'pytorch_lightning.utilities': (),
    'pytorch_lightning.utilities.distributed': ('rank_zero_only',),
    'taming': (),
    'taming.modules': (),
    'taming.modules.vqvae': (),
    'taming.modules.vqvae.quantize': ('VectorQuantizer2',),
    'omegaconf': ('OmegaConf',),
    'omegaconf.listconfig': ('ListConfig',),
    'timm': (),
    'timm.models': (),
    'timm.models.layers': ('DropPath', 'to_2tuple', 'trunc_normal_'),
}
_OF_VPD = ('UNetWrapper', 'TextAdapter')
# Names of transformers' CLIP that newer versions do not have.
_CLIP_NAMES = ('CLIPTextTransformer', '_expand_mask')


def check_checkout(path: str | Path) -> Path:
    """Checks that a folder is a checkout of VPD.

    Args:
        path: The folder.

    Returns:
        The same, absolute.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: It is no checkout of VPD, or its submodule is missing.
    """
    folder = Path(path).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f'no folder at {path}')
    if not (folder / _UNET).is_file():
        raise ValueError(
            f'{path} is no checkout of VPD, it has no {_UNET}: give what '
            '"git clone --recursive https://github.com/wl-zhao/VPD" made'
        )
    for name in (_LDM, _CONFIG):
        if not (folder / name).is_file():
            raise ValueError(
                f'{path} has no {name}: run "git submodule update --init" in it, which '
                "brings CompVis' stable-diffusion"
            )
    return folder


class ReleasedVPD(nn.Module):
    """VPD's way from an image to features, with random weights.

    Its segmentor is written for mmsegmentation 0.x. So the parts of it are built here,
    each of the released class and with its config: the VAE's encoder, the UNet in its
    wrapper, and the text adapter.

    Args:
        path: The checkout. It is put on ``sys.path``, and so is its submodule.
        size: Side of the square images, a multiple of 64. The wrapper's attention maps
            reach the quarter of a latent's side, VPD's A32 at 512.
        num_tokens: Number of class embeddings.

    Raises:
        ValueError: As `check_checkout`, or the size is no multiple of 64.
        ImportError: The released code imports what is not installed, such as einops.
    """

    def __init__(self, path: str | Path, size: int, num_tokens: int) -> None:
        super().__init__()
        if size < 64 or size % 64:
            raise ValueError(f'the released VPD takes multiples of 64, got {size}')
        folder = check_checkout(path)
        with (folder / _CONFIG).open(encoding='utf-8') as file:
            params = yaml.safe_load(file)['model']['params']
        released = _import_released(folder)
        self.vae = released['build'](params['first_stage_config'])
        del self.vae.decoder
        self.vae.requires_grad_(False)
        denoiser = released['DiffusionWrapper'](params['unet_config'], 'crossattn')
        self.unet = released['UNetWrapper'](denoiser, base_size=size)
        width = params['unet_config']['params']['context_dim']
        self.register_buffer('texts', torch.randn(num_tokens, width))
        self.gamma = nn.Parameter(torch.full((width,), 1e-4))
        self.adapter = released['TextAdapter'](text_dim=width)

    def train(self, mode: bool = True) -> ReleasedVPD:
        """Sets the training mode; the frozen VAE stays in eval mode."""
        super().train(mode)
        self.vae.eval()
        return self

    def forward(self, images: Tensor) -> list[Tensor]:
        """Extracts features.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, H).

        Returns:
            Four maps of strides 8 to 64, with the attention maps of 16 and 32.
        """
        with torch.no_grad():
            latents = self.vae.encode(images).mode()  # (B, 4, h, h)
        context = self.adapter(latents, self.texts, self.gamma)  # (B, N, D)
        timesteps = torch.ones(len(images), dtype=torch.long, device=images.device)
        return self.unet(latents, timesteps, c_crossattn=[context])


def _import_released(folder: Path) -> dict:
    for path in (folder / 'stable-diffusion', folder):
        sys.path.insert(0, str(path))
    for name, members in _NOT_NEEDED.items():
        _stand_in(name, members)
    clip = importlib.import_module('transformers.models.clip.modeling_clip')
    for name in _CLIP_NAMES:
        if not hasattr(clip, name):
            setattr(clip, name, nn.Module)
    try:
        ddpm = importlib.import_module('ldm.models.diffusion.ddpm')
        vpd = importlib.import_module('vpd.models')
        util = importlib.import_module('ldm.util')
    except ModuleNotFoundError as error:
        raise ImportError(
            f'the released VPD needs {error.name}: pip install {error.name}'
        ) from error
    found = dict(build=util.instantiate_from_config)
    for module, names in ((ddpm, ['DiffusionWrapper']), (vpd, _OF_VPD)):
        for name in names:
            if not hasattr(module, name):
                raise ValueError(f'{module.__file__} has no {name}: not VPD')
            found[name] = getattr(module, name)
    return found


def _stand_in(name: str, members: tuple[str, ...]) -> None:
    """Puts a module of empty classes where one cannot be imported."""
    try:
        importlib.import_module(name)
    except ImportError:
        module = ModuleType(name)
        module.__path__ = []
        for member in members:
            setattr(module, member, type(member, (nn.Module,), {}))
        if 'rank_zero_only' in members:
            module.rank_zero_only = lambda function: function
        sys.modules[name] = module
        parent, _, child = name.rpartition('.')
        if parent:
            setattr(sys.modules[parent], child, module)
