"""How models are divided among processes."""

from .diffusion_wrap_policy import diffusion_wrap_policy

__all__ = ['diffusion_wrap_policy']
