"""Trainings that differ in one thing, and a table of what they reach."""

from .arguments import add_data_arguments, add_study_arguments
from .data import draw_data
from .random_unet import write_random_unet
from .report import write_report
from .row_depth_baseline import row_depth_baseline
from .seed_table import SeedTable
from .study_run import StudyRun
from .train_runs import train_runs
from .weight_study import ARMS, train_from_both_weights

__all__ = [
    'ARMS',
    'SeedTable',
    'StudyRun',
    'add_data_arguments',
    'add_study_arguments',
    'draw_data',
    'row_depth_baseline',
    'train_from_both_weights',
    'train_runs',
    'write_random_unet',
    'write_report',
]
