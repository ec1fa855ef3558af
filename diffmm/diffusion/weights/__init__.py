"""Reading the weights of a diffusion prior from wherever they are."""

from .assignment import assign_weights
from .open_prior import open_prior
from .prior_source import PriorSource
from .shipped_weights import SHIPPED, shipped_folder
from .tensor_file import read_tensor, read_tensor_file
from .weights_error import WeightsError

__all__ = [
    'SHIPPED',
    'PriorSource',
    'WeightsError',
    'assign_weights',
    'open_prior',
    'read_tensor',
    'read_tensor_file',
    'shipped_folder',
]
