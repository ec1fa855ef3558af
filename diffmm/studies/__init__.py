"""The engine behind ``tools/reproduce.py``: tables of papers, trained and drawn."""

from .captions import caption_data
from .data import declared_worlds, draw_data, missing_data
from .launcher import Launcher, RunFailedError
from .options import Options
from .picture import draw_bars
from .random_unet import write_random_unet
from .report import format_published, format_report, write_report
from .row_depth_baseline import row_depth_baseline
from .run import Measure, Run
from .settings import hash_settings, resolve
from .study import Study
from .summary import read_constants, summarize
from .table import Entry, Metric, Row, StudyError, Table, Task
from .tables_file import TablesFile, load_tables
from .train_runs import train_runs
from .weights import is_complete, make_weights, missing_weights, pretraining_command

__all__ = [
    'Entry',
    'Launcher',
    'Measure',
    'Metric',
    'Options',
    'Row',
    'Run',
    'RunFailedError',
    'Study',
    'StudyError',
    'Table',
    'TablesFile',
    'Task',
    'caption_data',
    'draw_bars',
    'declared_worlds',
    'draw_data',
    'format_published',
    'format_report',
    'hash_settings',
    'is_complete',
    'load_tables',
    'make_weights',
    'missing_data',
    'missing_weights',
    'pretraining_command',
    'read_constants',
    'resolve',
    'row_depth_baseline',
    'summarize',
    'train_runs',
    'write_random_unet',
    'write_report',
]
