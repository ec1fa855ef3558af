"""Stable Diffusion's second stage in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from mmengine.model import BaseModel
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement
from torch import Tensor

from diffmm.diffusion import (
    FavoredTimesteps,
    load_architecture,
    load_tokenizer,
    open_prior,
)
from diffmm.diffusion.fast_layers import use_fast_layers
from diffmm.diffusion.text_encoder import as_text_model

from ..objectives import build_objective
from .caption_mixture import CaptionMixture, Condition
from .generation_data_preprocessor import to_uint8
from .text_conditioner import TextConditioner


@MODELS.register_module()
class TextToImageDiffusion(BaseModel):
    """A UNet and a text encoder that learn to denoise latents of captioned images.

    By default it predicts noise on Stable Diffusion's schedule. The VAE is the frozen
    one of a trained first stage. The parts are those of diffusers and transformers
    under their names.

    Example:
        >>> model = MODELS.build(dict(type='TextToImageDiffusion', arch='mini'))
        >>> from mmengine.structures import BaseDataElement
        >>> sample = BaseDataElement(metainfo=dict(captions=['a red ball']))
        >>> list(model(torch.zeros(1, 4, 16, 16), [sample], mode='loss'))
        ['loss_noise']

    Args:
        vae: A diffusers folder with the trained ``vae``, as
            ``tools/encoders/encode_latents.py`` writes it, or None for a
            random one. Read by ``init_weights``; a checkpoint of this model needs no
            folder.
        pretrained: A whole model that training starts from, as for ``open_prior``,
            instead of a random UNet and text encoder. Its VAE takes the place of
            ``vae``.
        arch: Name of an architecture, or a mapping.
        captions: Options of ``CaptionMixture``.
        template: Sentence whose pooled feature stands for a class name.
        visible_padding_share: Share of the sentences whose padding cross-attention
            sees. Stable Diffusion: 1. Padding copies the end token, which summarizes
            the sentence, and a small model that sees it does not learn the words.
            Diffusers' pipeline shows the padding, so the model has to know it.
        mid_share: Share of the timesteps that are drawn from ``mid_range``, where the
            text matters most; the others are drawn from all. Stable Diffusion: 0.
        mid_range: First timestep of that range, and the one behind its last.
        objective: Parts of the objective, see `build_objective`. A ``timesteps`` among
            them replaces the two options above.
        validation_timesteps: Timesteps at which ``predict`` measures the error.
        data_preprocessor: As in every mmengine model.

    Raises:
        ValueError: A share is outside [0, 1].
    """

    def __init__(
        self,
        vae: str | Path | None = None,
        pretrained: str | Path | None = None,
        arch: str | Mapping = 'mini',
        captions: Mapping | None = None,
        template: str = 'a photo of a {}',
        visible_padding_share: float = 0.3,
        mid_share: float = 0.6,
        mid_range: tuple[int, int] = (80, 700),
        objective: Mapping | None = None,
        validation_timesteps: Sequence[int] = (50, 200, 450, 800),
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='GenerationDataPreprocessor'))
        for name, share in (
            ('visible_padding_share', visible_padding_share),
            ('mid_share', mid_share),
        ):
            if not 0 <= share <= 1:
                raise ValueError(f'{name} must lie in [0, 1], got {share}')
        parts = dict(timesteps=FavoredTimesteps(mid_share, mid_range))
        parts.update(objective or {})
        self.architecture = load_architecture(arch)
        self.vae_folder = vae
        self.pretrained = pretrained
        self.vae = AutoencoderKL(**self.architecture.vae).requires_grad_(False).eval()
        self.unet = UNet2DConditionModel(**self.architecture.unet)
        use_fast_layers(self.unet)
        self.text = TextConditioner(self.architecture.text_encoder, template)
        self.captions = CaptionMixture(**(captions or {}))
        self.objective = build_objective(**parts)
        self.visible_padding_share = visible_padding_share
        self.validation_timesteps = tuple(validation_timesteps)

    def init_weights(self) -> None:
        """Reads the trained VAE, or the whole model that training starts from.

        Raises:
            WeightsError: The folder is missing, damaged or of another architecture.
        """
        super().init_weights()
        if self.pretrained is not None:
            source = open_prior(self.pretrained)
            source.load_into(self.vae, 'vae', self.architecture)
            source.load_into(self.unet, 'unet', self.architecture)
            self.text.load(source.text_encoder(self.architecture))
        elif self.vae_folder is not None:
            source = open_prior(self.vae_folder)
            source.load_into(self.vae, 'vae', self.architecture)

    def train(self, mode: bool = True) -> TextToImageDiffusion:
        """Sets the training mode; the frozen VAE stays in eval mode."""
        super().train(mode)
        self.vae.eval()
        return self

    def forward(
        self,
        inputs: Tensor,
        data_samples: Sequence[BaseDataElement],
        mode: str = 'loss',
    ) -> dict[str, Tensor] | list[dict]:
        """Computes the loss of a training step, or the errors of a validation batch.

        Args:
            inputs: RGB in [-1, 1], shape (B, 3, H, W), or scaled latents (B, 4, h, w).
            data_samples: Per image an element with ``captions``.
            mode: ``'loss'`` or ``'predict'``.

        Returns:
            The losses, or per image what ``predict`` returns.

        Raises:
            ValueError: The mode is another one; images come from ``generate``.
        """
        captions = [sample.captions for sample in data_samples]
        if mode == 'loss':
            return self.loss(self._latents(inputs), captions)
        if mode == 'predict':
            return self.predict(self._latents(inputs), captions)
        raise ValueError(f"mode must be 'loss' or 'predict', got {mode!r}")

    def loss(
        self, latents: Tensor, captions: Sequence[Sequence[str]]
    ) -> dict[str, Tensor]:
        """Computes the squared error of the prediction, by default of the noise.

        Args:
            latents: Scaled latents, shape (B, 4, h, w).
            captions: Captions of every image.

        Returns:
            ``loss_noise``.
        """
        # 1. Text. (B, L, D) and (B, L)
        conditions = [self.captions.draw(choice) for choice in captions]
        context, visible = self.text(conditions)
        visible = visible | self._padding_shown(conditions).to(visible.device)[:, None]
        # 2. Noise. (B, 4, h, w) and (B,)
        noisy = self.objective.add_noise(latents)
        # 3. Its prediction. (B, 4, h, w)
        predicted = self._denoise(noisy.latents, noisy.timesteps, context, visible)
        return dict(loss_noise=self.objective.loss(predicted, noisy))

    @torch.no_grad()
    def predict(
        self, latents: Tensor, captions: Sequence[Sequence[str]]
    ) -> list[dict[str, list[float]]]:
        """Measures the error at fixed timesteps with fixed noise.

        Args:
            latents: Scaled latents, shape (B, 4, h, w).
            captions: Captions of every image; the first counts.

        Returns:
            Per image its ``timesteps``, its ``errors`` there with its own caption, and
            ``errors_swapped`` with the caption of the batch's next image.
        """
        conditions = [Condition(text=choice[0]) for choice in captions]
        context, visible = self.text(conditions)
        columns = {'errors': [], 'errors_swapped': []}
        for timestep in self.validation_timesteps:
            noisy = self.objective.add_noise(
                latents,
                timesteps=torch.full((len(latents),), timestep),
                generator=torch.Generator().manual_seed(0),
            )
            for shift, key in enumerate(columns):
                predicted = self._denoise(
                    noisy.latents,
                    noisy.timesteps,
                    context.roll(-shift, 0),
                    visible.roll(-shift, 0),
                )
                errors = self.objective.errors(predicted, noisy)
                columns[key].append(errors.mean(dim=(1, 2, 3)))
        rows = {key: torch.stack(values, 1).tolist() for key, values in columns.items()}
        return [
            dict(
                timesteps=self.validation_timesteps,
                errors=rows['errors'][index],
                errors_swapped=rows['errors_swapped'][index],
            )
            for index in range(len(latents))
        ]

    @torch.no_grad()
    def generate(
        self,
        captions: Sequence[str],
        steps: int = 20,
        guidance: float = 3.0,
        seed: int = 0,
        size: int | None = None,
    ) -> Tensor:
        """Draws an image for every caption, with DDIM and classifier-free guidance.

        Args:
            captions: N captions.
            steps: Denoising steps.
            guidance: Guidance scale; 1 is none.
            seed: Seed of the noise.
            size: Side of the images in pixels; None takes the architecture's.

        Returns:
            RGB images of shape (N, 3, H, W), uint8, on the CPU.
        """
        pipeline = self.build_pipeline()
        pipeline.set_progress_bar_config(disable=True)
        images = pipeline(
            list(captions),
            height=size,
            width=size,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=torch.Generator().manual_seed(seed),
            output_type='pt',
        ).images
        return to_uint8(images * 2.0 - 1.0).cpu()

    def build_pipeline(self) -> StableDiffusionPipeline:
        """Puts the parts into diffusers' own pipeline, without copying them."""
        return StableDiffusionPipeline(
            vae=self.vae,
            text_encoder=as_text_model(self.text.model),
            tokenizer=load_tokenizer(self.text.table.words),
            unet=self.unet,
            scheduler=DDIMScheduler.from_config(
                self.objective.schedule.config, set_alpha_to_one=False
            ),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )

    @torch.no_grad()
    def _latents(self, inputs: Tensor) -> Tensor:
        """Encodes images; latents pass."""
        if inputs.shape[1] == self.vae.config.latent_channels:
            return inputs
        with torch.autocast(inputs.device.type, enabled=False):
            latents = self.vae.encode(inputs).latent_dist.mode()
        return latents.contiguous() * self.vae.config.scaling_factor

    def _denoise(
        self, noisy: Tensor, timesteps: Tensor, context: Tensor, visible: Tensor
    ) -> Tensor:
        # Columns that no sample of the batch attends to are cut off.
        length = int(visible.any(dim=0).nonzero().max()) + 1
        return self.unet(
            noisy,
            timesteps,
            context[:, :length],
            encoder_attention_mask=visible[:, :length],
        ).sample

    def _padding_shown(self, conditions: Sequence[Condition]) -> Tensor:
        """Draws which sentences keep their padding, shape (B,), bool."""
        sentence = torch.tensor([not condition.names for condition in conditions])
        return sentence & (torch.rand(len(conditions)) < self.visible_padding_share)
