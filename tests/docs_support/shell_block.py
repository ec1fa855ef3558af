"""Shell blocks: split into commands, and checked without being run."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

# Folders of the repository: a path below one of them must exist.
FOLDERS = ('configs', 'tools', 'demo', 'docs', 'tests', 'requirements', 'diffmm')
# What torch.distributed and slurm scripts take before the script's own arguments.
LAUNCHERS = {
    'dist_train.sh': 'train.py',
    'dist_test.sh': 'test.py',
    'slurm_train.sh': 'train.py',
    'slurm_test.sh': 'test.py',
}
# Commands of other projects, which a documentation may name without our having them.
FOREIGN = {'mim', 'srun', 'sbatch', 'nvidia-smi', 'conda', 'wget', 'curl', 'unzip'}
WORDS = {'for', 'do', 'done', 'if', 'then', 'else', 'fi', 'while', 'cd', 'export'}
WORDS |= {'source', 'in', 'echo', 'exit', 'set', 'test'}
ASSIGNMENT = re.compile(r'^[A-Za-z_]\w*=')


def split_commands(text: str) -> list[list[str]]:
    """Split a block into commands.

    Args:
        text: The block; a ``$ `` prompt is left out, comments too.

    Returns:
        The words of each command, without variable assignments before it. Commands are
        separated by line ends, ``;``, ``|``, ``&&`` and ``||``.
    """
    text = re.sub(r'^\$ ', '', text, flags=re.MULTILINE).replace('\\\n', ' ')
    commands: list[list[str]] = []
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=';|&()<>')
        lexer.whitespace_split = True
        commands.append([])
        for word in lexer:
            if set(word) <= set(';|&()'):
                commands.append([])
            elif commands[-1] or not ASSIGNMENT.match(word):
                commands[-1].append(word)
    return [command for command in commands if command]


def script_options(script: Path, root: Path) -> set[str]:
    """Reads the options of a script from its source, without running it.

    Args:
        script: A file that calls ``add_argument`` itself, or imports a ``main`` or
            functions named ``add_...`` that do.
        root: The repository.

    Returns:
        The options, such as ``'--work-dir'``.

    Raises:
        ValueError: If there is no such file.
    """
    if not script.is_file():
        raise ValueError(f'{str(script.relative_to(root))!r} does not exist')
    options = {'--help', '-h'}
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Call):
            if getattr(node.func, 'attr', None) == 'add_argument':
                options |= {each.value for each in node.args if _is_option(each)}
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if any(name == 'main' or name.startswith('add_') for name in names):
                above = [script, *script.parents][node.level] if node.level else root
                # A script finds modules beside it without a package.
                if not node.level and script.with_name(f'{node.module}.py').is_file():
                    above = script.parent
                module = above.joinpath(*(node.module or '').split('.'))
                is_file = module.with_suffix('.py').is_file()
                file = module.with_suffix('.py') if is_file else module / '__init__.py'
                options |= script_options(file, root)
    return options


def _is_option(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).startswith('-')


class ShellChecker:
    """Checks that everything a command names exists.

    Args:
        root: The repository.
        check_config: Called with the path of each config that a command names.
    """

    def __init__(self, root: Path, check_config: Callable[[Path], None]) -> None:
        self.root = root
        self.check_config = check_config

    def check(self, text: str) -> None:
        """Check a block.

        Raises:
            ValueError: For the first thing that does not exist.
        """
        commands = split_commands(text)
        if not commands:
            raise ValueError('a shell block without a command')
        for command in commands:
            self._check_paths(command)
            self._check_command(command)

    def _check_paths(self, command: list[str]) -> None:
        for word in command:
            path = word.split('=')[-1]
            if '$' in path or '*' in path or path.split('/')[0] not in FOLDERS:
                continue
            if '/' in path and not (self.root / path).exists():
                raise ValueError(f'{path!r} does not exist')
            if path.startswith('configs/') and path.endswith('.py'):
                self.check_config(self.root / path)

    def _check_command(self, command: list[str]) -> None:
        name, *rest = command
        if name in ('python', 'python3', 'python3.11'):
            self._check_python(rest)
        elif name == 'bash' and rest:
            self._check_script(rest)
        elif name == 'make':
            self._check_targets(rest)
        elif name in ('pip', 'pip3'):
            self._check_pip(rest)
        elif name not in FOREIGN | WORDS and shutil.which(name) is None:
            raise ValueError(f'there is no command {name!r}')

    def _check_python(self, arguments: list[str]) -> None:
        first, *rest = arguments
        if first == '-m' and rest[0] == 'pip':
            self._check_pip(rest[1:])
        elif first == '-m':
            module = self.root.joinpath(*rest[0].split('.')).with_suffix('.py')
            if module.is_relative_to(self.root / 'diffmm'):
                self._check_options(rest[1:], str(module.relative_to(self.root)))
        elif first != '-c':
            if not (self.root / first).is_file():
                raise ValueError(f'{first!r} does not exist')
            self._check_options(rest, first)

    def _check_script(self, arguments: list[str]) -> None:
        script, *rest = arguments
        if not (self.root / script).is_file():
            raise ValueError(f'{script!r} does not exist')
        started = LAUNCHERS.get(Path(script).name)
        if started:
            self._check_options(rest, str(Path(script).with_name(started)))

    def _check_options(self, arguments: list[str], script: str) -> None:
        known = script_options(self.root / script, self.root)
        for option in _options(arguments):
            if option not in known:
                raise ValueError(f'{script} has no option {option!r}')

    def _check_targets(self, arguments: list[str]) -> None:
        text = (self.root / 'Makefile').read_text()
        targets = set(re.findall(r'^([a-z-]+):', text, re.MULTILINE))
        named = [word for word in arguments if not ASSIGNMENT.match(word)]
        for target in named:
            if target not in targets:
                raise ValueError(f'the Makefile has no target {target!r}')

    def _check_pip(self, arguments: list[str]) -> None:
        parser = argparse.ArgumentParser(exit_on_error=False, add_help=False)
        parser.add_argument('-r', '--requirement', action='append', default=[])
        parser.add_argument('-c', '--constraint', action='append', default=[])
        files, words = parser.parse_known_args(arguments)
        for path in files.requirement + files.constraint:
            if not (self.root / path).is_file():
                raise ValueError(f'{path!r} does not exist')
        setup = (self.root / 'setup.py').read_text()
        for word in words:
            match = re.fullmatch(r'(?:diffmm|\.)\[([\w,]+)\]', word)
            for extra in match[1].split(',') if match else ():
                if extra != 'all' and f"'{extra}'" not in setup:
                    raise ValueError(f'setup.py has no extra {extra!r}')


def _options(arguments: list[str]) -> Iterator[str]:
    for word in arguments:
        if re.match(r'--?[A-Za-z]', word):
            yield word.split('=')[0]
