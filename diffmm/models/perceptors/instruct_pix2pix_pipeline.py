"""A trained `InstructPerceptor` as diffusers' InstructPix2Pix."""

from __future__ import annotations

from diffusers import StableDiffusionInstructPix2PixPipeline

from diffmm.diffusion import load_tokenizer
from diffmm.diffusion.text_encoder import as_text_model
from diffmm.diffusion.tokenizer import MAX_TOKENS

from ..prompts import TextPrompt
from .instruct_perceptor import InstructPerceptor
from .marigold_pipeline import plain_vae


def as_instruct_pix2pix_pipeline(
    model: InstructPerceptor,
) -> StableDiffusionInstructPix2PixPipeline:
    """Puts a perceptor's parts into diffusers' pipeline, without copying them.

    The pipeline draws what the codec reads. Strengths of the guidance are arguments of
    its call: ``guidance_scale`` is the text's, ``image_guidance_scale`` the image's. It
    knows no correction.

    Args:
        model: The perceptor.

    Returns:
        The pipeline.

    Raises:
        ValueError: A part of the model is not InstructPix2Pix's.
    """
    prompt = model.prompt
    parts = dict(
        condition=not model.condition.image_first and not model.condition.scaled,
        prompt=isinstance(prompt, TextPrompt)
        and prompt.num_tokens == MAX_TOKENS
        and prompt.adapter is None
        and prompt.visible_tokens(['']) is None,
        trainable=not hasattr(model.unet, 'peft_config'),
        guidance=model.guidance.rule == 'instruct_pix2pix',
        target_scale=model.target_scale == 1,
    )
    wrong = [name for name, fits in parts.items() if not fits]
    if wrong:
        raise ValueError(
            f"diffusers' StableDiffusionInstructPix2PixPipeline cannot run this model: "
            f"its {wrong} differ from InstructPix2Pix's (the noisy target first, then "
            'unscaled latents of the image; all 77 tokens of the text, padding too; no '
            'adapters; its own rule of guidance; a target_scale of 1)'
        )
    words = prompt.text_encoder.words
    return StableDiffusionInstructPix2PixPipeline(
        vae=plain_vae(model.vae),
        text_encoder=as_text_model(prompt.text_encoder.model),
        tokenizer=load_tokenizer(words),
        unet=model.unet,
        scheduler=model.sampler.build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
