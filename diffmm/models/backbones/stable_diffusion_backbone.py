"""Stable Diffusion as an ordinary OpenMMLab backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModule
from mmengine.registry import MODELS
from torch import Tensor, nn

from diffmm.diffusion import (
    AttentionRequest,
    FeatureUNet,
    ImageEncoder,
    load_architecture,
    open_prior,
)
from diffmm.diffusion.image_encoder import SAMPLINGS
from diffmm.structures import ConditionedImages

from ..prompts import SceneNamePrompt
from .features import DiffusionFeatures, FeatureInfo, assemble_maps, refine
from .images import check_size, pad_images, warn_about_range
from .trainable_part import set_trainable_part

LATENT_SAMPLINGS = (*SAMPLINGS, 'sample_in_training')
VAE_DTYPES = ('float32', 'bfloat16', 'float16')


@MODELS.register_module()
class StableDiffusionBackbone(BaseModule):
    """Stable Diffusion's UNet, run on an image and read as a feature pyramid.

    VPD, section 3; the numbers below are what each paper's released code computes.

    Example:
        >>> backbone = MODELS.build(dict(
        ...     type='StableDiffusionBackbone',
        ...     arch='mini',
        ...     prompt=dict(type='ClassNamePrompt', classes=['sky', 'tree']),
        ...     attention=dict(max_size=32)))
        >>> [(each.channels, each.stride) for each in backbone.feature_info]
        [(32, 8), (66, 16), (130, 32), (128, 64)]
        >>> [tuple(each.shape) for each in backbone(torch.zeros(1, 3, 64, 100))]
        [(1, 32, 8, 13), (1, 66, 4, 7), (1, 130, 2, 4), (1, 128, 1, 2)]

    Args:
        prompt: Config of the module that makes the context, such as ``ClassNamePrompt``
            (VPD), ``MetaPrompts`` or ``NullPrompt``.
        arch: ``'sd15'`` (all of SD1.x), ``'sd21'`` (all of SD2.x), ``'mini'``, or a
            mapping with the configs of ``unet``, ``vae`` and ``text_encoder``.
        pretrained: A diffusers folder, an original ``.ckpt`` / ``.safetensors`` file, a
            hub id such as ``'stable-diffusion-v1-5/stable-diffusion-v1-5'`` (see
            `open_prior`), or None for random weights. ``init_weights`` reads it, when
            training starts: a trained checkpoint needs none of it.
        use_ema: Take the UNet's moving average if an original file has one.
        lora: Files of low-rank weights that change the pre-trained ones, such as
            ``pytorch_lora_weights.safetensors`` of a DreamBooth training.
        learned_words: Files or folders of words that textual inversion learned, such as
            ``learned_embeds.safetensors``. Any text of the prompt may use them (TADP,
            section 4.3).
        timestep: Noise level of the pass. VPD: 1 (its paper says 0); no noise is added
            to the latents.
        refinement_steps: Total UNet passes; the maps are those of the last one. With
            more than one, the UNet keeps its pre-trained output layer (norm, SiLU,
            convolution), which turns the finest map of a pass into the latents of the
            next, without scale or noise. The gradient flows through all passes, as
            released; ``gradient_checkpointing`` bounds its memory. Meta Prompts: 3
            (section 3.3, Table 5c).
        learned_timesteps: Learn a time embedding for every refinement step (Meta
            Prompts), in place of ``timestep``, its sinusoid and its MLP. They start as
            unit Gaussian noise, as released.
        latent_scale: Factor on the latents. 1 in the released VPD, Meta Prompts and
            TADP's detection, although Stable Diffusion was trained with 0.18215, which
            TADP has elsewhere ("LS").
        latent_sampling: ``'mode'`` takes the posterior's mean (VPD, Meta Prompts),
            ``'sample'`` draws from it (TADP's "LS" as released, at test too);
            ``'sample_in_training'`` draws in training and takes the mean in evaluation,
            whose predictions then repeat.
        attention: Options of ``AttentionRequest`` (``stages``, ``max_size``,
            ``gradient``). The requested cross-attention maps, one per name of the
            prompt, are appended to the feature map of their stride. VPD's released
            segmentation (A32): ``dict(stages=('down', 'up'), max_size=32,
            gradient=False)``; its depth estimation and Meta Prompts: None.
        attention_scale: Factor on the attention maps where they are appended (all
            papers: 1). Attention over N tokens averages 1/N; short schedules need a
            larger factor.
        trainable: ``'all'`` of the UNet (all papers that fine-tune), ``'norm'`` layers
            only, ``'none'``, or ``dict(type='lora', rank=8, ...)``. The VAE is always
            frozen; the prompt always trains what it can.
        gradient_checkpointing: Recompute activations in the backward pass.
        autocast: Run the UNet in bfloat16 and return float32. Heads stay in float32:
            some of their operators do not support bfloat16 (several of mmdetection's,
            the accuracy that mmpose logs). An AMP optimizer wrapper would run the whole
            model in bfloat16.
        vae_dtype: ``'float32'``, ``'bfloat16'`` or ``'float16'`` for the frozen VAE.
            float16 overflows on some images.
        crop_padding: Return maps of ceil(H / s) x ceil(W / s). False keeps the maps of
            the image padded to multiples of 64, for heads that crop themselves (mmseg's
            ``VPDDepthHead``).
        compile_unet: Run the UNet through ``torch.compile``.
        init_cfg: As in every mmengine module.

    Attributes:
        feature_info: A `FeatureInfo` (channels, stride, name) for every map, known
            before any forward.

    Raises:
        ValueError: If the architecture, sampling, dtype, attention stage or size, or
            trainable part is unknown, a number is out of range, or the prompt has
            contexts for another number of refinement steps.
    """

    def __init__(
        self,
        prompt: Mapping,
        arch: str | Mapping = 'sd15',
        pretrained: str | Path | None = None,
        use_ema: bool = True,
        lora: Sequence[str | Path] = (),
        learned_words: Sequence[str | Path] = (),
        timestep: int = 1,
        refinement_steps: int = 1,
        learned_timesteps: bool = False,
        latent_scale: float = 1.0,
        latent_sampling: str = 'mode',
        attention: Mapping | None = None,
        attention_scale: float = 1.0,
        trainable: str | Mapping = 'all',
        gradient_checkpointing: bool = False,
        autocast: bool = False,
        vae_dtype: str = 'float32',
        crop_padding: bool = True,
        compile_unet: bool = False,
        init_cfg: Mapping | None = None,
    ) -> None:
        super().__init__(init_cfg)
        _check_options(latent_sampling, vae_dtype, timestep, refinement_steps)
        self.architecture = load_architecture(arch)
        self.pretrained = pretrained
        self.use_ema = use_ema
        self.lora = _several(lora)
        self.learned_words = _several(learned_words)
        self.timestep = timestep
        self.refinement_steps = refinement_steps
        self.latent_scale = latent_scale
        self.latent_sampling = latent_sampling
        self.attention = None if attention is None else AttentionRequest(**attention)
        self.attention_scale = attention_scale
        self.autocast = autocast
        self.crop_padding = crop_padding

        self.vae = ImageEncoder.build(self.architecture.vae)
        if vae_dtype != 'float32':
            self.vae.to(getattr(torch, vae_dtype))
        self.unet = FeatureUNet.build(
            self.architecture.unet,
            output_layer=refinement_steps > 1,
            timestep_mlp=not learned_timesteps,
        )
        self.register_parameter('time_embeddings', None)
        if learned_timesteps:
            shape = refinement_steps, self.unet.time_embedding_width
            self.time_embeddings = nn.Parameter(torch.randn(shape))
        width = self.architecture.context_width
        self.prompt = MODELS.build(dict(prompt), default_args=dict(width=width))
        self.prompt.set_architecture(self.architecture)
        self.prompt.check_steps(refinement_steps)
        set_trainable_part(self.unet, trainable)
        if gradient_checkpointing:
            self.unet.enable_gradient_checkpointing()
        if compile_unet:
            self.unet.compile()
        self.feature_info = self._describe_features()
        self._has_weights = pretrained is None
        self._range_checked = False

    def init_weights(self) -> None:
        """Reads the pre-trained weights and encodes the prompt's text.

        Raises:
            WeightsError: If the weights, an embeddings file, a LoRA file or a learned
                word are missing, damaged or of another architecture, or a word is a
                token already.
        """
        super().init_weights()
        load_text_encoder = None
        if self.pretrained is not None:
            source = open_prior(
                self.pretrained, self.use_ema, self.lora, self.learned_words
            )
            source.load_into(self.unet, 'unet', self.architecture)
            source.load_into(self.vae, 'vae', self.architecture)
            load_text_encoder = partial(source.text_encoder, self.architecture)
            print_log(f'Loaded Stable Diffusion from {self.pretrained}', 'current')
        self.prompt.encode(load_text_encoder)
        self._has_weights = True

    @property
    def class_embed_select(self) -> bool:
        """Tells mmsegmentation's ``DepthEstimator`` to pass scene numbers."""
        return isinstance(self.prompt, SceneNamePrompt)

    def forward(self, images: Tensor | tuple[Tensor, Tensor]) -> DiffusionFeatures:
        """Extracts the feature pyramid of a batch of images.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W) with H, W >= 64. A prompt that
                depends on the image needs `ConditionedImages`, which DiffMM's data
                preprocessors make, or, as mmsegmentation's ``DepthEstimator`` has it,
                a pair of images and scene numbers (B,); texts win over numbers.

        Returns:
            The feature maps, fine to coarse, with what ``DiffusionFeatures`` carries.

        Raises:
            ValueError: If a side is below 64.
            RuntimeError: If the pre-trained weights were never loaded, or the prompt
                needs a text for every image and the images carry none.
        """
        images, texts = self._separate_texts(images)
        self._check_forward(images)
        # 1. Encode the padded image into latents. (B, 4, h, w), h and w multiples of 8
        latents = self.vae(pad_images(images), self._sampling()) * self.latent_scale
        # 2. Condition. (B, N, D)
        context = self.prompt(images.shape[0], texts)
        # 3. Denoise, once for every refinement step.
        denoise = partial(self._denoise, size=images.shape[-2:], context=context)
        return refine(denoise, latents, self.refinement_steps)

    def train(self, mode: bool = True) -> StableDiffusionBackbone:
        """Sets the training mode; the frozen VAE stays in eval mode."""
        super().train(mode)
        self.vae.eval()
        return self

    def _sampling(self) -> str:
        if self.latent_sampling == 'sample_in_training':
            return 'sample' if self.training else 'mode'
        return self.latent_sampling

    def _separate_texts(
        self, images: Tensor | tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[str, ...] | None]:
        scenes = None
        if isinstance(images, tuple):
            images, category_ids = images
            scenes = self.prompt.scenes_of(category_ids)
        if isinstance(images, ConditionedImages):
            return images.plain(), images.texts
        return images, scenes

    def _denoise(
        self,
        latents: Tensor,
        step: int = 0,
        *,
        size: torch.Size,
        context: Tensor,
        **options: object,
    ) -> DiffusionFeatures:
        """Makes the pass of a refinement step for images of ``size``."""
        if step >= self.refinement_steps:
            raise ValueError(
                f'step {step}, counted from 0, was asked of a backbone with '
                f'refinement_steps={self.refinement_steps}'
            )
        if self.time_embeddings is not None:
            options.setdefault('time_embedding', self.time_embeddings[step : step + 1])
        options.setdefault('timestep', self.timestep)
        options.setdefault('predict', step + 1 < self.refinement_steps)
        attended = self.prompt.at_step(context, step) if step else context
        with self._unet_precision(latents.device):
            output = self.unet(latents, attended, attention=self.attention, **options)
        if self.autocast:
            output = output.float()
        maps, attention_maps = assemble_maps(
            output,
            [info.stride for info in self.feature_info],
            size if self.crop_padding else None,
            self.prompt.pool_maps,
            self.attention_scale,
        )
        return DiffusionFeatures(
            maps,
            attended,
            attention_maps,
            latents,
            denoise=partial(self._denoise, size=size, context=context),
            prediction=output.prediction,
            num_steps=step + 1,
        )

    def _unet_precision(self, device: torch.device) -> AbstractContextManager:
        if self.autocast:
            return torch.autocast(device.type, torch.bfloat16)
        return nullcontext()

    def _describe_features(self) -> tuple[FeatureInfo, ...]:
        levels = self.unet.captured_levels(self.attention)
        extra = len(self.prompt.names)
        return tuple(
            FeatureInfo(
                channels=channels + (extra if level in levels else 0),
                stride=self.vae.stride << level,
                name=f'UNet decoder, 1/{self.vae.stride << level}',
            )
            for level, channels in enumerate(self.unet.channels)
        )

    def _check_forward(self, images: Tensor) -> None:
        check_size(images)
        if not self._has_weights:
            raise RuntimeError(
                f'the weights of pretrained={str(self.pretrained)!r} were never read: '
                'call init_weights() or load a complete checkpoint before the first '
                'forward'
            )
        # A compiler cannot follow a branch on pixels.
        if not self._range_checked and not torch.compiler.is_compiling():
            self._range_checked = True
            warn_about_range(images)

    def _load_from_state_dict(
        self, state_dict: Mapping, prefix: str, *args: object, **kwargs: object
    ) -> None:
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
        # A trained checkpoint is complete, the encoded text included; anything less
        # (loading is rarely strict) leaves random weights behind.
        if all(f'{prefix}{name}' in state_dict for name in self.state_dict()):
            self._has_weights = True


def _several(paths: str | Path | Sequence[str | Path]) -> tuple[str | Path, ...]:
    return (paths,) if isinstance(paths, str | Path) else tuple(paths)


def _check_options(
    latent_sampling: str, vae_dtype: str, timestep: int, refinement_steps: int
) -> None:
    if latent_sampling not in LATENT_SAMPLINGS:
        raise ValueError(
            f'latent_sampling must be one of {LATENT_SAMPLINGS}, got '
            f'{latent_sampling!r}'
        )
    if vae_dtype not in VAE_DTYPES:
        raise ValueError(f'vae_dtype must be one of {VAE_DTYPES}, got {vae_dtype!r}')
    if not 0 <= timestep < 1000:
        raise ValueError(f'timestep must be in [0, 1000), got {timestep}')
    if refinement_steps < 1:
        raise ValueError(f'refinement_steps must be at least 1, got {refinement_steps}')
