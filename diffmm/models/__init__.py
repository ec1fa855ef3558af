"""Modules of perception models and generators; importing it registers them."""

from . import (
    backbones,
    classifiers,
    data_preprocessors,
    experts,
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
    'classifiers',
    'data_preprocessors',
    'experts',
    'generators',
    'heads',
    'losses',
    'necks',
    'perceptors',
    'prompts',
    'segmentors',
]
