"""Running a config of a host for one step, without any data."""

from .host_batches import synthetic_batches
from .one_step import StepResult, run_one_step
from .shrink import shrink_images

__all__ = ['StepResult', 'run_one_step', 'shrink_images', 'synthetic_batches']
