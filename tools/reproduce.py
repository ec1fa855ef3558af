"""Fill a table or a figure of a paper: train what is missing, test, collect, draw.

``python tools/reproduce.py vpd`` lists what ``configs/vpd/tables.yml`` declares. A call
that was interrupted is given again and goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from mmengine.config import Config, DictAction

from diffmm.benchmark import count_model_cost
from diffmm.diffusion import WeightsError
from diffmm.studies import (
    Launcher,
    Options,
    RunFailedError,
    Study,
    StudyError,
    TablesFile,
    caption_data,
    draw_data,
    load_tables,
    make_weights,
    missing_data,
    missing_weights,
    pretraining_command,
    read_constants,
    row_depth_baseline,
    train_runs,
    write_report,
)
from diffmm.utils.command_line import non_negative_int, positive_int, run_main

ROOT = Path(__file__).resolve().parents[1]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'folder', help='folder in configs/, such as vpd, or a path of a tables.yml'
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--table', help='its number or name')
    what.add_argument('--figure', help='its number or name')
    what.add_argument('--list', action='store_true', help='list what is declared')
    parser.add_argument('--rows', nargs='+', help='some of the rows, by name')
    parser.add_argument('--metrics', nargs='+', help='some of the columns, by name')
    parser.add_argument('--tasks', nargs='+', help='some of the tasks, by name')
    parser.add_argument(
        '--mini', action='store_true', help='the mini siblings, on the mini world'
    )
    parser.add_argument(
        '--seeds',
        type=non_negative_int,
        nargs='+',
        help='default: 0 1 2 with --mini, else 0',
    )
    parser.add_argument(
        '--processes',
        type=positive_int,
        default=1,
        help='runs side by side (default: 1)',
    )
    parser.add_argument(
        '--launcher',
        choices=('none', 'pytorch', 'slurm'),
        help='default: none with --mini, else pytorch (tools/dist_train.sh)',
    )
    parser.add_argument(
        '--gpus',
        type=positive_int,
        help="default: the recipe's; others scale the learning rate with the batch",
    )
    parser.add_argument('--partition', default='', help="slurm's partition")
    parser.add_argument(
        '--work-dir',
        type=Path,
        help='where runs and reports go (default: work_dirs/tables/FOLDER)',
    )
    parser.add_argument(
        '--data',
        type=Path,
        default=Path('data'),
        help='folder of the data sets; mini worlds are drawn and captioned if missing',
    )
    parser.add_argument('--weights', help='pre-trained weights, a folder or a file')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        default={},
        metavar='KEY=VALUE',
        help='settings of all runs, as for tools/train.py',
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument('--dry-run', action='store_true', help='print the commands')
    only.add_argument('--collect', action='store_true', help='only read work dirs')
    try:
        return parser.parse_args(argv)
    except ValueError:  # MMEngine's DictAction splits at '=' without a look
        parser.error('--cfg-options takes KEY=VALUE, such as train_cfg.max_iters=2')


def find_file(folder: str) -> Path:
    """Path of a ``tables.yml``."""
    path = Path(folder)
    if path.suffix == '.yml':
        return path
    if (path / 'tables.yml').is_file():
        return path / 'tables.yml'
    known = sorted(file.parent.name for file in ROOT.glob('configs/*/tables.yml'))
    if folder not in known:
        raise StudyError(
            f'no configs/{folder}/tables.yml; there are: {", ".join(known)}'
        )
    return ROOT / 'configs' / folder / 'tables.yml'


def refuse_without_a_table(args: argparse.Namespace) -> None:
    """Refuses options that choose among the runs of a table that is not named."""
    for option in ('rows', 'metrics', 'tasks', 'seeds', 'dry_run', 'collect'):
        if getattr(args, option) and not args.list:
            raise StudyError(
                f'--{option.replace("_", "-")} needs --table or --figure; without '
                'options the tables are listed'
            )


def list_tables(file: TablesFile) -> None:
    """Print what a file declares."""
    for table in file.tables:
        only = ' (mini world only)' if table.is_mini_only() else ''
        print(f'--{table.kind} {table.name}: {table.title}{only}')
        print(f'    rows: {"; ".join(row.name for row in table.rows)}')


def make_study(args: argparse.Namespace, file: TablesFile) -> Study:
    """Describe what is asked for."""
    kind = 'table' if args.table else 'figure'
    table = file.find(kind, args.table or args.figure)
    mini = args.mini or table.is_mini_only()
    if args.data != Path('data') and not args.data.is_dir():
        problem = 'is a file' if args.data.is_file() else 'does not exist'
        raise StudyError(f'--data {args.data} {problem}: name the folder of data sets')
    cfg = Config()
    cfg.merge_from_dict(args.cfg_options)
    options = Options(
        work_dir=args.work_dir or Path('work_dirs/tables') / file.folder.name,
        mini=mini,
        seeds=tuple(dict.fromkeys(args.seeds or ((0, 1, 2) if mini else (0,)))),
        data=args.data,
        weights=args.weights,
        overrides=cfg.to_dict(),
        rows=args.rows,
        metrics=args.metrics,
        tasks=args.tasks,
    )
    return Study(file, table, options)


def make_launcher(args: argparse.Namespace, study: Study) -> Launcher:
    """Choose how processes start.

    Raises:
        StudyError: The machine has fewer GPUs, or an option does not fit.
    """
    kind = args.launcher or ('none' if study.options.mini else 'pytorch')
    if kind == 'none' and args.gpus:
        raise StudyError(
            f'--gpus {args.gpus}: a run is one process with --launcher none (the '
            'default of --mini); give --launcher pytorch or slurm, too'
        )
    threads = max(1, (os.cpu_count() or 1) // max(1, args.processes))
    launcher = Launcher(ROOT / 'tools', kind, args.gpus, args.partition, threads)
    wanted = max((launcher.count(run.gpus) for run in study.runs), default=0)
    if study.options.mini:
        wanted = args.gpus or 0  # the mini world does without
    found = torch.cuda.device_count()
    if kind != 'slurm' and not (args.dry_run or args.collect) and found < wanted:
        asked = f'--gpus {wanted}' if args.gpus else f'the runs take {wanted} GPUs'
        raise StudyError(
            f'{asked}: this machine has {found}; name another number with --gpus, or '
            '--launcher slurm'
        )
    if kind == 'slurm' and not args.partition:
        raise StudyError('--launcher slurm needs --partition')
    if kind == 'pytorch' and args.processes > 1:
        raise StudyError(
            f'--processes {args.processes}: with --launcher pytorch each run takes all '
            'GPUs; use --launcher slurm'
        )
    if not args.collect:
        for run in study.runs:
            run.check_gpus(launcher)
    return launcher


def print_commands(study: Study, launcher: Launcher) -> None:
    """Print what a run of the study would call."""
    command = pretraining_command(study, ROOT / 'tools')
    if command:
        print(launcher.describe(command))
    for run in study.runs:
        for command in run.commands(launcher):
            print(launcher.describe(command))
    if not study.runs:
        print('nothing to train: what is asked for has no config or needs no training')


def check(study: Study) -> None:
    """Name what a study misses and the tool does not make.

    Raises:
        StudyError: Weights, or data sets of the full size, are missing.
    """
    missing = missing_weights(study)
    if not study.options.mini:
        missing += missing_data(study.runs, study.file.data)
    if missing:
        raise StudyError('\n  '.join(['not everything is there:', *missing]))


def measure_constants(study: Study) -> dict[tuple, float]:
    """Figures that no seed changes: costs, and what is told without a network."""
    constants = {}
    for cell in study.cells:
        for metric in cell.metrics:
            key = (cell.row.name, cell.task.name, metric.name)
            if cell.config is None:
                continue
            if metric.is_cost and not cell.entry.test:
                cost = count_model_cost(study.settings_of(cell))
                constants[key] = cost[metric.key] * metric.scale
            elif cell.entry.control == 'row depth':
                settings = study.settings_of(cell)
                loaders = settings['train_dataloader'], settings['test_dataloader']
                datasets = [loader['dataset'] for loader in loaders]
                found = row_depth_baseline(*datasets, settings['test_evaluator'])
                constants[key] = found[metric.key] * metric.scale
    return constants


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        reproduce(args)
    except (StudyError, WeightsError) as error:
        print(f'error: {error}', file=sys.stderr)
        raise SystemExit(2) from error
    except RunFailedError as error:
        raise SystemExit(f'error: {error}') from error
    except KeyboardInterrupt as error:
        print('interrupted; the same command goes on from here', file=sys.stderr)
        raise SystemExit(130) from error


def reproduce(args: argparse.Namespace) -> None:
    """Do what is asked for."""
    file = load_tables(find_file(args.folder))
    if not (args.table or args.figure):
        refuse_without_a_table(args)
        list_tables(file)
        return
    study = make_study(args, file)
    launcher = make_launcher(args, study)
    if args.dry_run:
        print_commands(study, launcher)
        return
    if args.collect:
        done = sum(run.is_done for run in study.runs)
        print(f'{done} of {len(study.runs)} runs are done')
        constants = read_constants(study)
    else:
        check(study)
        if study.options.mini:
            make_weights(study, ROOT / 'tools')
            draw_data(study.runs, file.data)
            caption_data(study.runs, args.processes)
        train_runs(study.runs, launcher, args.processes)
        constants = measure_constants(study)
    folder = write_report(study, constants)
    print(f'written: {folder}')


if __name__ == '__main__':
    run_main(main)
