"""Trainings that differ in one thing, and a table of what they reach."""

from .random_unet import write_random_unet
from .row_depth_baseline import row_depth_baseline
from .seed_table import SeedTable
from .study_run import StudyRun
from .train_runs import train_runs

__all__ = [
    'SeedTable',
    'StudyRun',
    'row_depth_baseline',
    'train_runs',
    'write_random_unet',
]
