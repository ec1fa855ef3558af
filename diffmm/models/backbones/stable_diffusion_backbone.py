"""Stable Diffusion as an ordinary OpenMMLab backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
from mmengine.registry import MODELS
from torch import Tensor, nn

from diffmm.diffusion import (
    AttentionRequest,
    FeatureUNet,
    ImageEncoder,
    load_architecture,
)
from diffmm.diffusion.image_encoder import SAMPLINGS
from diffmm.structures import ConditionedImages

from ..precision import unet_precision
from ..prompts import SceneNamePrompt
from .feature_layout import FeatureLayout
from .features import DiffusionFeatures, assemble_maps, refine
from .images import pad_images
from .noise_levels import NoiseLevels
from .prior_weights import PriorWeights
from .trainable_part import set_trainable_part

LATENT_SAMPLINGS = (*SAMPLINGS, 'sample_in_training')


@MODELS.register_module()
class StableDiffusionBackbone(PriorWeights):
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
        layers: The layers that become maps: None for VPD's four, one of Vermouth's
            stages (``'down'``, ``'up'``, ``'down+mid'``, ``'mid+up'``, ``'all'``), or a
            list of names, each a map of its own size.
            ``tools/analysis_tools/list_layers.py`` lists them. What lies behind the
            last one is neither run nor trained. Vermouth, Table 1: ``'down+mid'``
            (classification), ``'mid+up'`` (segmentation, retrieval).
        timestep: Noise level of the pass, or several, each with a pass of its own.
            VPD: 1 (its paper says 0). Vermouth: 200 (classification, retrieval), 10
            (segmentation). ``TimestepSamplingHook`` draws others in training.
        noise: What brings the latents to that level: None leaves them clean (VPD, Meta
            Prompts, TADP); ``'ddpm'`` adds noise that is drawn from the image's own
            pixels, so the same image has the same noise always (Vermouth's
            classification and segmentation); ``dict(type='ddim_inversion', steps=10)``
            follows the UNet's predictions on the schedule of Stable Diffusion
            (Vermouth's retrieval; its released code makes no step for one timestep,
            which is None here).
        timestep_fusion: ``'mean'`` or ``'concat'`` of the maps of several timesteps.
        expert: Config of an ``AdaptedExpert``, whose maps are concatenated behind those
            of the same stride (Vermouth, section 3.4).
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
        gradient_checkpointing: Recompute activations in the backward pass, and on a
            CPU give freed memory back at once: less memory, more time.
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
        layers: str | Sequence[str] | None = None,
        timestep: int | Sequence[int] = 1,
        noise: str | Mapping | None = None,
        timestep_fusion: str = 'mean',
        expert: Mapping | None = None,
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
        super().__init__(pretrained, use_ema, lora, learned_words, init_cfg)
        self.noise_levels = NoiseLevels(timestep, noise, timestep_fusion)
        self.timestep = self.noise_levels.timesteps[-1]
        _check_options(latent_sampling, refinement_steps)
        self.noise_levels.check_scale(latent_scale)
        if refinement_steps > 1 or learned_timesteps:
            self.noise_levels.refuse_refinement(expert)
        self.architecture = load_architecture(arch)
        self.refinement_steps = refinement_steps
        self.latent_scale = latent_scale
        self.latent_sampling = latent_sampling
        self.attention = None if attention is None else AttentionRequest(**attention)
        self.attention_scale = attention_scale
        self.autocast = autocast
        self.crop_padding = crop_padding

        self.vae = ImageEncoder.build(self.architecture.vae, vae_dtype)
        self.unet = FeatureUNet.build(
            self.architecture.unet,
            output_layer=refinement_steps > 1 or self.noise_levels.predicts,
            timestep_mlp=not learned_timesteps,
        )
        self.layout = FeatureLayout(
            self.unet, layers, self.attention, self.vae.stride, refinement_steps > 1
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
            self.vae.keeps_freed_memory = False  # memory before time
        if compile_unet:
            self.unet.compile()
        self.expert = more = None
        if expert is not None:
            strides = dict(strides=self.layout.strides)
            self.expert = MODELS.build(dict(expert), default_args=strides)
            more = self.expert.channels
        self.feature_info = self.layout.describe(
            len(self.prompt.names), self.noise_levels.copies, more
        )

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
        self.check_forward(images)
        # 1. Encode the padded image into latents. (B, 4, h, w), h and w multiples of 8
        latents = self.vae(pad_images(images), self._sampling()) * self.latent_scale
        # 2. Condition. (B, N, D)
        context = self.prompt(images.shape[0], texts)
        # 3. Denoise at every noise level, once for every refinement step.
        passes = []
        predict = partial(self._predict_noise, context)
        levels = self.noise_levels.apply(latents, images, predict, self.training)
        for noisy, timestep in levels:
            denoise = partial(
                self._denoise,
                size=images.shape[-2:],
                context=context,
                noise_level=timestep,
            )
            passes.append(refine(denoise, noisy, self.refinement_steps))
        features = self.noise_levels.fuse(passes)
        # 4. Add the expert's maps.
        if self.expert is not None:
            seen = images if self.crop_padding else pad_images(images)
            features = features.replace(self.expert(features, seen))
        return features

    def train(self, mode: bool = True) -> StableDiffusionBackbone:
        """Sets the training mode; the frozen VAE stays in eval mode."""
        super().train(mode)
        self.vae.eval()
        return self

    def _predict_noise(self, context: Tensor, latents: Tensor, timestep: int) -> Tensor:
        with unet_precision(latents.device, self.autocast):
            output = self.unet(latents, context, timestep, predict=True)
        return output.prediction.float()

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
        noise_level: int,
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
        options.setdefault('timestep', noise_level)
        options.setdefault('predict', step + 1 < self.refinement_steps)
        attended = self.prompt.at_step(context, step) if step else context
        with unet_precision(latents.device, self.autocast):
            output = self.unet(latents, attended, attention=self.attention, **options)
        if self.autocast:
            output = output.float()
        pool_maps = self.prompt.pool_maps
        output = self.layout.build(self.unet.layers, output, latents, pool_maps)
        maps, attention_maps = assemble_maps(
            output,
            self.layout.strides,
            size if self.crop_padding else None,
            pool_maps,
            self.attention_scale,
            self.vae.stride,
        )
        return DiffusionFeatures(
            maps,
            attended,
            attention_maps,
            latents,
            denoise=partial(
                self._denoise, size=size, context=context, noise_level=noise_level
            ),
            prediction=output.prediction,
            num_steps=step + 1,
        )


def _check_options(latent_sampling: str, refinement_steps: int) -> None:
    if latent_sampling not in LATENT_SAMPLINGS:
        raise ValueError(
            f'latent_sampling must be one of {LATENT_SAMPLINGS}, got '
            f'{latent_sampling!r}'
        )
    if refinement_steps < 1:
        raise ValueError(f'refinement_steps must be at least 1, got {refinement_steps}')
