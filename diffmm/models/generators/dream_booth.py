"""DreamBooth: a model that learns what a rare word of a few pictures means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.registry import MODELS

from diffmm.diffusion.low_rank import write_low_rank
from diffmm.diffusion.pipeline_folder import write_pipeline_folder

from ..backbones.trainable_part import set_trainable_part
from .text_to_image_diffusion import TextToImageDiffusion


@MODELS.register_module()
class DreamBooth(TextToImageDiffusion):
    """A text-to-image model whose UNet learns pictures under one caption.

    `Ruiz et al. <https://arxiv.org/abs/2208.12242>`_ as TADP uses it (section 4.3,
    supplement D.1): the text encoder stays frozen, and there is no prior loss. The
    released script names 200 class images, but does not turn their loss on.

    Example:
        >>> model = MODELS.build(dict(
        ...     type='DreamBooth', trainable=dict(type='lora', rank=4)))
        >>> from mmengine.structures import BaseDataElement
        >>> sample = BaseDataElement(metainfo=dict(captions=['in sks style']))
        >>> list(model(torch.zeros(1, 4, 16, 16), [sample], mode='loss'))
        ['loss_noise']
        >>> all('.lora_' in n for n, p in model.named_parameters() if p.requires_grad)
        True

    Args:
        trainable: ``'all'`` of the UNet (TADP), or ``dict(type='lora', rank=4, ...)``
            for low-rank adapters, with the options of `StableDiffusionBackbone`.
        **options: Of `TextToImageDiffusion`. ``captions`` leave no text out by default.

    Raises:
        ValueError: The trainable part is unknown.
    """

    def __init__(self, trainable: str | Mapping = 'all', **options: Any) -> None:
        options.setdefault('captions', dict(empty_share=0.0))
        super().__init__(**options)
        self.text.requires_grad_(False)
        set_trainable_part(self.unet, trainable)
        self.low_rank = isinstance(trainable, Mapping)

    def write_result(self, folder: Path) -> Path:
        """Writes the model as a diffusers folder, or its adapters alone.

        Args:
            folder: Folder of the model, for a backbone's ``pretrained``; of the
                adapters, for its ``lora``. A whole model in it is not replaced.

        Returns:
            What was written.

        Raises:
            FileExistsError: The model is there already.
        """
        folder = Path(folder)
        if self.low_rank:
            write_low_rank(self.unet, folder)
            return folder / 'pytorch_lora_weights.safetensors'
        write_pipeline_folder(self.build_pipeline(), folder)
        return folder
