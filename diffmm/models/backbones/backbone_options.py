"""Whether a backbone's options make sense, before anything is built of them."""

from __future__ import annotations

from diffmm.diffusion.image_encoder import SAMPLINGS

from ..prompts import Prompt

VAE_DTYPES = ('float32', 'bfloat16', 'float16')


def check_options(
    latent_sampling: str, vae_dtype: str, timestep: int, refinement_steps: int
) -> None:
    """Refuses values that ``StableDiffusionBackbone`` does not know.

    Args:
        latent_sampling: How latents are drawn.
        vae_dtype: Precision of the VAE.
        timestep: Noise level.
        refinement_steps: Passes of the model.

    Raises:
        ValueError: If one of them is unknown or out of range.
    """
    if latent_sampling not in SAMPLINGS:
        raise ValueError(
            f'latent_sampling must be one of {SAMPLINGS}, got {latent_sampling!r}'
        )
    if vae_dtype not in VAE_DTYPES:
        raise ValueError(f'vae_dtype must be one of {VAE_DTYPES}, got {vae_dtype!r}')
    if not 0 <= timestep < 1000:
        raise ValueError(f'timestep must be in [0, 1000), got {timestep}')
    if refinement_steps < 1:
        raise ValueError(f'refinement_steps must be at least 1, got {refinement_steps}')


def check_prompt_steps(prompt: Prompt, refinement_steps: int) -> None:
    """Refuses a prompt whose steps are not the backbone's.

    Args:
        prompt: The backbone's prompt.
        refinement_steps: Passes of the model.

    Raises:
        ValueError: If the prompt has contexts for another number of steps. One that
            is never used would have no gradient.
    """
    if prompt.num_steps not in (None, refinement_steps):
        raise ValueError(
            f'the {type(prompt).__name__} has num_steps={prompt.num_steps}, the '
            f'backbone refinement_steps={refinement_steps}: give both the same number, '
            'or leave num_steps out to share one context'
        )
