"""Weights of a diffusion prior, read from wherever they are."""

from .folder_source import SHIPPED, named_folder, shipped_folder
from .learned_words import read_words, write_word
from .open_prior import open_prior
from .prior_source import PriorSource, assign_weights
from .tensor_file import WeightsError, read_safely, read_tensor, read_tensor_file

__all__ = [
    'SHIPPED',
    'PriorSource',
    'WeightsError',
    'assign_weights',
    'named_folder',
    'open_prior',
    'read_safely',
    'read_tensor',
    'read_tensor_file',
    'read_words',
    'shipped_folder',
    'write_word',
]
