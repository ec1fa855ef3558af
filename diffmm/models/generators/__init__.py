"""Generative models that this repository trains."""

from .caption_mixture import CaptionMixture, Condition
from .diffusion_vision_model import DiffusionVisionConfig, DiffusionVisionModel
from .dream_booth import DreamBooth
from .generation_data_preprocessor import GenerationDataPreprocessor
from .image_captioner import ImageCaptioner
from .latent_autoencoder import LatentAutoencoder
from .text_conditioner import TextConditioner
from .text_to_image_diffusion import TextToImageDiffusion
from .textual_inversion import TextualInversion

__all__ = [
    'CaptionMixture',
    'Condition',
    'DreamBooth',
    'GenerationDataPreprocessor',
    'DiffusionVisionConfig',
    'DiffusionVisionModel',
    'ImageCaptioner',
    'LatentAutoencoder',
    'TextConditioner',
    'TextToImageDiffusion',
    'TextualInversion',
]
