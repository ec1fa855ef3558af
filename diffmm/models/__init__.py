"""Modules of perception models and generators; importing it registers them."""

from . import (
    backbones,
    data_preprocessors,
    generators,
    heads,
    losses,
    necks,
    perceptors,
    prompts,
    segmentors,
)

__all__ = [
    'backbones',
    'data_preprocessors',
    'generators',
    'heads',
    'losses',
    'necks',
    'perceptors',
    'prompts',
    'segmentors',
]
