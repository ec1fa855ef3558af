"""Modules of perception models and generators; importing it registers them."""

from . import backbones, generators, prompts

__all__ = ['backbones', 'generators', 'prompts']
