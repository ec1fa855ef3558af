"""Every number of a command line has a bound, which its option declares."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path.relative_to(ROOT)
    for folder in ('demo', 'tools')
    for path in (ROOT / folder).rglob('*.py')
)
# The only options that may take any whole number, and why.
ANY_INT = {
    '--seed': 'PyTorch takes negative ones; the mini world refuses them',
    '--timestep': 'the prior names its range, which begins at 0',
    '--timesteps': 'as --timestep',
    '--num-tokens': 'begin, end and one word: check_refcoco.py wants 3 or more',
}


def options_of_any_int(source):
    """Yields what has ``type=int``: names of options, or the code of another call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and any(
            keyword.arg == 'type' and ast.unparse(keyword.value) == 'int'
            for keyword in node.keywords
        ):
            name = node.args[-1] if node.args else None
            is_text = isinstance(name, ast.Constant)
            yield name.value if is_text else ast.unparse(node)


@pytest.mark.parametrize('path', SCRIPTS, ids=str)
def test_numbers_have_a_bound(path):
    unbounded = set(options_of_any_int((ROOT / path).read_text())) - set(ANY_INT)
    assert not unbounded, (
        f'{path}: give {sorted(unbounded)} the type positive_int or non_negative_int '
        'of diffmm.utils.command_line, or say in ANY_INT why it takes any number'
    )


def test_what_may_be_any_int_is_in_use():
    sources = [(ROOT / path).read_text() for path in SCRIPTS]
    found = {name for source in sources for name in options_of_any_int(source)}
    assert found == set(ANY_INT)


def test_no_way_to_declare_an_option_is_missed():
    source = """
add('--a', '--b', type=int)
add(f'--num-{split}', default=3, type=int)
shared = dict(type=int, help='a number')
add('--c', type=positive_int)
"""
    names = list(options_of_any_int(source))
    assert names[0] == '--b' and names[1].startswith('add(f') and len(names) == 3


@pytest.mark.parametrize(
    ('script', 'argv', 'message'),
    [
        (
            'analysis_tools/benchmark',
            '--size 64 0',
            '--size: must be at least 1, got 0',
        ),
        ('analysis_tools/compare_models', '--best 0', '--best: must be at least 1'),
        ('analysis_tools/compare_models', '--images 1 -1', 'at least 0, got -1'),
        # Its options are declared by a script beside it.
        (
            'analysis_tools/denoising_curves',
            '--columns 0 2',
            '--columns: must be at least 1',
        ),
        (
            'analysis_tools/referring_expressions',
            '--count 0',
            '--count: must be at least 1',
        ),
        ('dataset_converters/kitti_depth', '--num-test two', "whole number, got 'two'"),
        (
            'dataset_converters/hypersim_depth',
            '--num-val 0',
            '--num-val: must be at least 1',
        ),
        ('new_experiment', '--gpus 0', '--gpus: must be at least 1, got 0'),
        ('reproduce', '--seeds 0 -1', '--seeds: must be at least 0, got -1'),
        ('../demo/text_to_image_demo', '--steps 1.5', "whole number, got '1.5'"),
        ('../demo/web_demo', '--port 70000', 'between 0 and 65535, got 70000'),
        ('../demo/web_demo', '--port -1', 'between 0 and 65535, got -1'),
        # Whoever is served waits for a moment, too.
        ('../demo/web_demo', '--max-waiting 0', '--max-waiting: must be at least 1'),
    ],
)
def test_a_wrong_number_is_named(load_tool, capsys, script, argv, message):
    with pytest.raises(SystemExit) as stop:
        load_tool(script).main(argv.split())
    line = capsys.readouterr().err.splitlines()[-1]
    assert stop.value.code == 2 and message in line and 'argument --' in line
