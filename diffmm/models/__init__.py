"""Modules of perception models; importing this package registers them."""

from . import backbones, prompts

__all__ = ['backbones', 'prompts']
