"""Every block of the documentation runs, or says why not and names only what exists.

A fenced ``bash`` or ``python`` block is executed, in a copy of the repository, in the
order of its page. A ``text`` block directly below one shows its output, which must be
what it prints; ``...`` stands for anything. A block that only assigns config entries is
read as a config; its first line may name its file (``# my_vpd.py``) for later blocks.
Where a block cannot run on a small machine, the line above its fence says so::

    <!-- not run: needs 8 GPUs -->

Then every script, config, option, make target and extra that it names must exist.
"""

from __future__ import annotations

import doctest
import functools
from pathlib import Path

import pytest
from mmengine.config import Config

from tests.docs_support.config_block import check_config, is_config
from tests.docs_support.page import Block, read_blocks
from tests.docs_support.shell_block import (
    ShellChecker,
    script_options,
    split_commands,
)
from tests.docs_support.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [
        ROOT / 'README.md',
        ROOT / 'CONTRIBUTING.md',
        *(ROOT / 'docs').rglob('*.md'),
        *(ROOT / 'configs').rglob('*.md'),
    ]
)
BLOCKS = [block for page in PAGES for block in read_blocks(page)]
NOT_RUN = [block for block in BLOCKS if block.reason is not None]
# Languages that are shown, not executed.
SHOWN = ('none', 'text', 'bibtex', 'yaml', 'json', 'toml', 'diff', 'markdown')
# A block that takes longer than this belongs to `make quickstart` or behind a marker.
BLOCK_SECONDS = 180


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope='module')
def checker():
    parse = functools.cache(lambda path: Config.fromfile(str(path)))
    return ShellChecker(ROOT, parse)


@pytest.mark.parametrize('block', BLOCKS, ids=str)
def test_every_block_has_a_known_language(block: Block):
    """A block without one would be neither run nor checked."""
    known = block.is_shell or block.is_python or block.language in SHOWN
    assert known, f'{block}: language {block.language!r}; for plain text use "none"'


# What a newcomer reads first is run with the other tests.
FIRST = (ROOT / 'README.md', ROOT / 'CONTRIBUTING.md')
LATER = [
    page if page in FIRST else pytest.param(page, marks=pytest.mark.docs)
    for page in PAGES
]


@pytest.mark.parametrize('page', LATER, ids=page_id)
def test_blocks_run(page: Path, tmp_path):
    workspace = Workspace(ROOT, tmp_path)
    run_blocks(read_blocks(page), workspace)


def run_blocks(blocks: list[Block], workspace: Workspace) -> None:
    """Runs blocks in order; compares their output with the blocks that show it."""
    printed = None
    for block in blocks:
        if block.is_output:
            if printed is not None:
                compare(block, printed)
            continue
        printed = None
        if block.reason is not None:
            continue
        try:
            printed = run_block(block, workspace)
        except (AssertionError, KeyError, OSError, ValueError) as error:
            raise AssertionError(f'{block} does not run:\n{error}') from error


def compare(block: Block, printed: str) -> None:
    """Compares a block with the output that it shows."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if not doctest.OutputChecker().check_output(block.text, printed, flags):
        raise AssertionError(f'{block} shows:\n{block.text}\nprinted is:\n{printed}')


def run_block(block: Block, workspace: Workspace) -> str | None:
    """Executes a block and returns what it prints, or reads it if it is a config."""
    if block.is_shell:
        return workspace.run_shell(block.text, BLOCK_SECONDS)
    elif block.is_python and is_config(block.text):
        check_config(block.text, workspace.folder, f'block_{block.line}.py')
    elif block.is_python:
        return workspace.run_python(block.text, BLOCK_SECONDS)
    return None


@pytest.mark.parametrize('block', NOT_RUN, ids=str)
def test_marked_blocks_name_what_exists(block: Block, checker):
    if block.is_shell:
        checker.check(block.text)
    else:
        compile(block.text, str(block), 'exec')


def test_readme_promises_the_two_commands():
    text = (ROOT / 'README.md').read_text()
    blocks = read_blocks(ROOT / 'README.md')
    commands = [c for b in blocks if b.is_shell for c in split_commands(b.text)]
    assert ['make', 'quickstart'] in commands and ['make', 'test'] in commands
    assert 'Apache' in text


# --- the machinery itself ------------------------------------------------------------


def write_page(folder: Path, text: str) -> Path:
    page = folder / 'page.md'
    page.write_text(text)
    return page


def test_blocks_are_read_with_line_language_and_marker(tmp_path):
    page = write_page(
        tmp_path,
        '# T\n<!-- not run: needs a GPU -->\n\n```bash\nls\n```\n\ntext\n\n'
        '- item\n  ```python\n  x = 1\n  ```\n\n<!-- not run: late -->\nword\n'
        '```none\na\n```\n',
    )
    first, second, third = read_blocks(page)
    assert (first.line, first.reason, first.text) == (4, 'needs a GPU', 'ls\n')
    assert (second.language, second.reason) == ('python', None)
    assert second.text == 'x = 1\n'
    assert third.reason is None, 'the marker has to stand directly above'
    with pytest.raises(ValueError, match='page.md:1: the fence is not closed'):
        read_blocks(write_page(tmp_path, '```bash\nls\n'))


def test_commands_are_split():
    text = '$ A=1 make x && ls | wc -l  # why\npython tools/train.py \\\n  c.py; cd d\n'
    assert split_commands(text) == [
        ['make', 'x'],
        ['ls'],
        ['wc', '-l'],
        ['python', 'tools/train.py', 'c.py'],
        ['cd', 'd'],
    ]


@pytest.mark.parametrize(
    ('command', 'message'),
    [
        ('python tools/trian.py c.py', "'tools/trian.py' does not exist"),
        ('python tools/train.py configs/vpd/no.py', "'configs/vpd/no.py' does not"),
        ('python tools/train.py c.py --no-such', "no option '--no-such'"),
        ('bash tools/dist_train.sh c.py 8 --tta', "train.py has no option '--tta'"),
        ('bash tools/dist_tset.sh c.py 8', "'tools/dist_tset.sh' does not exist"),
        ('python -m diffmm.doctor --fix', "no option '--fix'"),
        ('python -m diffmm.docter', "'diffmm/docter.py' does not exist"),
        ('make quickstrat', "no target 'quickstrat'"),
        ('pip install -e .[sge]', "no extra 'sge'"),
        ('pip install -r requirements/no.txt', "'requirements/no.txt' does not exist"),
        ('nosuchcommand --now', "no command 'nosuchcommand'"),
        ('# only a comment', 'without a command'),
    ],
)
def test_a_wrong_name_in_a_marked_block_is_found(checker, command, message):
    with pytest.raises(ValueError, match=message):
        checker.check(command)


@pytest.mark.parametrize(
    'command',
    [
        'python tools/train.py MY.py --amp --cfg-options model.backbone.timestep=1',
        'PORT=29501 bash tools/dist_test.sh MY.py W.pth 8 --tta --out DIR',
        'GPUS=8 bash tools/slurm_train.sh part job MY.py --resume',
        'make test-all VENV=other',
        'mim train mmsegmentation MY.py --launcher pytorch --gpus 8',
        'pip install -e .[seg,pose] -c requirements/constraints.txt',
    ],
)
def test_a_right_marked_block_passes(checker, command):
    checker.check(command)


def test_options_are_read_from_the_source():
    train = script_options(ROOT / 'tools' / 'train.py', ROOT)
    assert {'--amp', '--cfg-options', '--local_rank', '--help'} <= train
    assert '--tta' not in train
    assert script_options(ROOT / 'diffmm' / 'doctor.py', ROOT) == {'--help', '-h'}


def test_a_broken_config_in_a_marked_block_is_found(checker, tmp_path):
    (tmp_path / 'configs').mkdir()
    (tmp_path / 'configs' / 'bad.py').write_text("_base_ = './gone.py'\n")
    broken = ShellChecker(tmp_path, checker.check_config)
    with pytest.raises(FileNotFoundError, match='gone.py'):
        broken.check('ls configs/bad.py')


@pytest.mark.parametrize(
    ('language', 'text'),
    [
        ('bash', 'ls no-such-file'),
        ('bash', 'echo "$NO_SUCH_VARIABLE"'),
        ('bash', 'false | true'),
        ('python', "raise SystemExit('no')"),
        ('python', "_base_ = './gone.py'"),
        ('python', "model = dict(type='NoSuchModel')"),
    ],
)
def test_a_block_that_fails_is_found(tmp_path, language, text):
    page = write_page(tmp_path, f'```{language}\n{text}\n```\n')
    (tmp_path / 'copy').mkdir()
    workspace = Workspace(ROOT, tmp_path / 'copy')
    with pytest.raises((AssertionError, KeyError, OSError)):
        run_block(read_blocks(page)[0], workspace)


@pytest.mark.parametrize('shown', ['one\ntwo\n', 'o...\n', '...\ntwo\n', 'one two\n'])
def test_an_output_that_is_printed_passes(tmp_path, shown):
    text = f'```bash\necho one; echo two\n```\n\n```text\n{shown}```\n'
    (tmp_path / 'copy').mkdir()
    run_blocks(
        read_blocks(write_page(tmp_path, text)), Workspace(ROOT, tmp_path / 'copy')
    )


def test_an_output_that_is_not_printed_is_found(tmp_path):
    text = '```bash\necho one\n```\n```text\ntwo\n```\n'
    (tmp_path / 'copy').mkdir()
    workspace = Workspace(ROOT, tmp_path / 'copy')
    with pytest.raises(AssertionError, match=r'page.md:4 shows:\ntwo'):
        run_blocks(read_blocks(write_page(tmp_path, text)), workspace)
    # Below words it is only shown.
    text = text.replace('```text', 'word\n```text')
    run_blocks(read_blocks(write_page(tmp_path, text)), workspace)


def test_the_old_marker_is_refused():
    """A block below it would be run."""
    old = '<!-- ' + 'checked:'
    assert [page_id(page) for page in PAGES if old in page.read_text()] == []


def test_results_stay_in_the_workspace(tmp_path):
    workspace = Workspace(ROOT, tmp_path)
    workspace.run_shell('mkdir -p data work_dirs && touch data/made README.new', 60)
    workspace.run_python("open('work_dirs/made', 'w').close()", 60)
    assert not (ROOT / 'README.new').exists() and not (ROOT / 'data' / 'made').exists()
    assert (tmp_path / 'data' / 'made').is_file()


def test_configs_are_told_from_programs_and_keep_their_names(tmp_path):
    assert is_config("# my.py\n_base_ = './x.py'\n")
    assert not is_config('import diffmm\nmodel = 1\n')
    assert not is_config('x = 1\n')
    text = "# sub/my.py\nmodel = dict(type='NoSuchModel', depth=1)\n"
    with pytest.raises(KeyError, match="'NoSuchModel'"):
        check_config(text, tmp_path, 'default.py')
    assert (tmp_path / 'sub' / 'my.py').read_text() == text
