"""What ``tables.yml`` declares: READMEs and metafiles agree with it, all of it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from inspect import signature
from pathlib import Path

import pytest
import yaml

from diffmm.mini_world import generate
from diffmm.studies import (
    Launcher,
    Options,
    Study,
    Table,
    TablesFile,
    load_tables,
    resolve,
)

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = sorted(path.parent.name for path in ROOT.glob('configs/*/tables.yml'))
PAPERS = ['vpd', 'meta_prompts', 'tadp', 'vermouth']
# Names in metafiles, and in tables.
METRICS = {
    'mIoU': 'mIoU',
    'mIoU(ms+flip)': 'mIoU, ms + flip',
    'oIoU': 'oIoU',
    'RMSE': 'RMSE',
    'abs_rel': 'REL',
    'd1': 'd1',
    'AP': 'AP',
    'box AP': 'AP',
    'box AP50': 'AP50',
    'AR': 'AR',
    'mAP': 'mAP',
    'top1': 'top-1',
}
LINK = re.compile(r'\]\(([\w.+-]+)\.py\)')
# A number that stands alone: no part of a word, a link or a name.
NUMBER = re.compile(r'(?<![\w.+-])\d+\.\d+(?![\w.])')


@cache
def read(folder: str) -> TablesFile:
    return load_tables(ROOT / 'configs' / folder / 'tables.yml')


def declared() -> Iterator[tuple[str, Table]]:
    for folder in FOLDERS:
        for table in read(folder).tables:
            yield pytest.param(folder, table, id=f'{folder}, {table.label}')


def figures(folder: str) -> dict[str, list[tuple[str, float]]]:
    """Published figures of every config, with the metric's name."""
    found: dict[str, list[tuple[str, float]]] = {}
    for table in read(folder).tables:
        costs = {
            metric.name
            for task in table.tasks.values()
            for metric in task.metrics
            if metric.is_cost
        }
        for row in table.rows:
            for entry in row.entries.values():
                if entry.config is None:
                    continue
                pairs = [*entry.published.items(), *entry.released.items()]
                own = found.setdefault(entry.config, [])
                own += [pair for pair in pairs if pair[0] not in costs]
    return found


def readme_figures(folder: str) -> dict[str, set[float]]:
    """Numbers in the rows of a README's tables, by each config that a row links to.

    In a table of two tasks a number belongs to the link before it.
    """
    found: dict[str, set[float]] = {}
    text = (ROOT / 'configs' / folder / 'README.md').read_text()
    # What paper and code say, and the minis, are other tables.
    text = text.partition('## How to run')[0]
    for line in text.splitlines():
        if not line.startswith('|'):
            continue
        config = None
        for cell in line.split('|'):
            links = LINK.findall(cell)
            config = links[-1] if links else config
            if cell.strip() == 'default':
                config = None
            if config and not links:
                numbers = {float(number) for number in NUMBER.findall(cell)}
                found.setdefault(config, set()).update(numbers)
    return found


def test_the_table_of_the_documentation_is_read(tmp_path):
    page = (ROOT / 'docs' / 'tables.md').read_text()
    (text,) = re.findall(r'```yaml\n(.*?)```', page, re.DOTALL)
    (tmp_path / 'tables.yml').write_text(text)
    (table,) = load_tables(tmp_path / 'tables.yml').tables
    assert [row.name for row in table.rows] == [
        'whole',
        'without',
        'from a random UNet',
    ]


@pytest.mark.parametrize('folder', PAPERS)
def test_readmes_have_the_published_figures(folder):
    readme = readme_figures(folder)
    declared = {
        config: {value for _, value in pairs}
        for config, pairs in figures(folder).items()
    }
    for config, values in readme.items():
        assert values <= declared.get(config, set()), config
    for config, values in declared.items():
        # A default row of another task has no link of its own.
        linked = readme.get(config, set())
        assert values <= linked or config in unlinked_defaults(folder), config


def unlinked_defaults(folder: str) -> set[str]:
    """Configs that rows of a table share: the README calls them the default."""
    shared = set()
    for table in read(folder).tables:
        configs = [entry.config for row in table.rows for entry in row.entries.values()]
        shared |= {config for config in configs if config and configs.count(config) > 1}
    return shared


@pytest.mark.parametrize('folder', PAPERS)
def test_metafiles_have_the_published_figures(folder):
    metafile = yaml.safe_load((ROOT / 'configs' / folder / 'metafile.yml').read_text())
    published = figures(folder)
    for model in metafile['Models']:
        # The same training, and the split whose labels nobody has.
        config, split, _ = Path(model['Config']).stem.partition('_test-split')
        for result in model.get('Results', []):
            for name, value in result['Metrics'].items():
                metric = METRICS[name] + ', test split' * bool(split)
                # mmpose's averages are shares of one.
                value = round(value * 100, 1) if name in ('AP', 'AR') else value
                assert (metric, value) in published[config], model['Name']


@cache
def study_of(folder: str, label: str, mini: bool) -> Study:
    """A study of a table: two seeds of the minis, one of the full sizes."""
    (table,) = [table for table in read(folder).tables if table.label == label]
    seeds = (0, 1) if mini else (0,)
    return Study(read(folder), table, Options(Path('runs'), mini=mini, seeds=seeds))


@pytest.mark.parametrize('mini', [False, True], ids=['full size', 'mini'])
@pytest.mark.parametrize('folder, table', declared())
def test_every_table_has_its_commands(folder, table, mini):
    mini = mini or table.is_mini_only()
    study = study_of(folder, table.label, mini)
    assert study.runs
    launcher = Launcher(ROOT / 'tools', 'none' if mini else 'pytorch')
    for run in study.runs:
        assert list(run.commands(launcher))
        for name in _data_roots(run.settings):
            if name.startswith('data/mini_'):
                assert name in read(folder).data


@pytest.mark.parametrize('folder, table', declared())
def test_a_schedule_keeps_the_laws_of_its_config(folder, table):
    """It is shorter: the learning rate falls as the config says."""
    for cell in study_of(folder, table.label, True).cells:
        if cell.runs:
            own = laws(resolve(cell.config, cell.entry.overrides))
        for run in cell.runs.values():
            assert laws(run.settings) == own, run.name


def laws(settings: dict) -> list[dict]:
    """Schedulers of a config, without their lengths."""
    lengths = {'begin', 'end', 'T_max'}
    return [
        {key: value for key, value in one.items() if key not in lengths}
        for one in settings.get('param_scheduler') or []
    ]


PAGES = ('*.md', 'docs/*.md', 'configs/*/*.md')
DRAW = re.compile(r'tools/mini_world/draw\.py (data/mini_\w+)([^`\n|]*)')


def test_the_documentation_draws_the_worlds_that_tables_need():
    """Whoever ran one of its commands can fill every table."""
    worlds = {}
    for folder in FOLDERS:
        for name, world in read(folder).data.items():
            if 'layout' in world:
                assert worlds.setdefault(name, world) == world
    commands = [
        (page.name, *command)
        for pages in PAGES
        for page in ROOT.glob(pages)
        for command in DRAW.findall(page.read_text())
    ]
    assert len(commands) > 10
    defaults = {
        name: str(parameter.default)
        for name, parameter in signature(generate).parameters.items()
    }
    for page, name, options in commands:
        if name not in worlds:
            continue
        words = options.replace('--', '').replace('-', '_').split()
        given = dict(zip(words[::2], words[1::2], strict=True))
        wanted = {key: str(value) for key, value in worlds[name].items()}
        assert {**defaults, **given} == {**defaults, **wanted}, (page, name)


def test_counts_are_declared_for_every_real_data_set():
    for folder in FOLDERS:
        for table in read(folder).tables:
            if not table.is_mini_only():
                for run in study_of(folder, table.label, False).runs:
                    for name in _data_roots(run.settings['train_dataloader']):
                        assert name in read(folder).data, run.name


@pytest.mark.parametrize('folder, table', declared())
def test_runs_of_a_table_differ_in_what_it_compares(folder, table):
    """Seeds and schedules are shared; no two rows are the same run by accident."""
    runs = study_of(folder, table.label, True).runs
    assert len({run.hash for run in runs}) == len(runs)
    seeds = {run.settings['randomness']['seed'] for run in runs}
    assert seeds == {0, 1}


def _data_roots(value) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get('data_root'), str):
            yield value['data_root']
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _data_roots(item)
