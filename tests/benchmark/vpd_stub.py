"""A stub of the layout and the names of the released VPD, nothing of its code."""

from __future__ import annotations

import textwrap
from pathlib import Path

STUB = {
    'vpd/__init__.py': '',
    'vpd/models.py': """
        import torch
        from omegaconf import OmegaConf
        from timm.models.layers import DropPath
        from transformers.models.clip.modeling_clip import _expand_mask

        class UNetWrapper(torch.nn.Module):
            def __init__(self, unet, use_attn=True, base_size=512):
                super().__init__()
                self.unet, self.size = unet, base_size

            def forward(self, latents, timesteps, c_crossattn):
                assert latents.shape[-1] == self.size // 8
                return self.unet(latents, timesteps, c_crossattn=c_crossattn)

        class TextAdapter(torch.nn.Module):
            def __init__(self, text_dim):
                super().__init__()
                self.fc = torch.nn.Linear(text_dim, text_dim)

            def forward(self, latents, texts, gamma):
                return (texts + gamma * self.fc(texts))[None]
    """,
    'stable-diffusion/ldm/util.py': """
        import importlib

        def instantiate_from_config(config):
            module, name = config['target'].rsplit('.', 1)
            kind = getattr(importlib.import_module(module), name)
            return kind(**config.get('params', {}))
    """,
    'stable-diffusion/ldm/models/diffusion/ddpm.py': """
        import pytorch_lightning as pl
        import torch
        from ldm.util import instantiate_from_config
        from pytorch_lightning.utilities.distributed import rank_zero_only
        from taming.modules.vqvae.quantize import VectorQuantizer2

        class Moments:
            def __init__(self, mean):
                self.mean = mean

            def mode(self):
                return self.mean

        class Encoder(pl.LightningModule):
            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Conv2d(3, 4, 8, stride=8)
                self.decoder = torch.nn.Identity()

            def encode(self, images):
                assert not self.training
                return Moments(self.layer(images))

        class UNet(torch.nn.Module):
            def __init__(self, context_dim):
                super().__init__()
                self.layer = torch.nn.Conv2d(4, context_dim, 1)

            def forward(self, latents, context):
                found = self.layer(latents) + context.mean(1)[..., None, None]
                return [found, found[..., ::2, ::2]]

        class DiffusionWrapper(pl.LightningModule):
            def __init__(self, config, conditioning_key):
                super().__init__()
                assert conditioning_key == 'crossattn'
                self.diffusion_model = instantiate_from_config(config)

            def forward(self, latents, timesteps, c_crossattn):
                return self.diffusion_model(latents, torch.cat(c_crossattn, 1))

            @rank_zero_only
            def save(self):
                pass
    """,
    'stable-diffusion/configs/stable-diffusion/v1-inference.yaml': """
        model:
          params:
            unet_config:
              target: ldm.models.diffusion.ddpm.UNet
              params: {context_dim: 8}
            first_stage_config:
              target: ldm.models.diffusion.ddpm.Encoder
    """,
}


def write_stub(folder: Path) -> Path:
    """Writes the checkout; returns the folder."""
    for name, text in STUB.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder
