"""One step of a host's config, without any data."""

from .host_batches import synthetic_batches
from .one_step import StepResult, run_one_step
from .small_config import small_config

__all__ = ['StepResult', 'run_one_step', 'small_config', 'synthetic_batches']
