"""The page of a sweep over the hosts' configs; `sweep_hosts.py` writes it."""

from __future__ import annotations

from importlib import import_module

HOSTS = ('mmdet', 'mmpose', 'mmseg')
OPERATORS = dict(
    compiled="mmcv's compiled operators", replaced='the operators that DiffMM replaces'
)
# Keys that every swap changes alike; the table leaves them out.
COMMON = (
    'model.backbone',
    'model.pretrained',
    'model.data_preprocessor.',
    'data_preprocessor.',
    'custom_imports',
)


def format_page(sweeps: dict[str, dict[str, dict]], side: int) -> str:
    """Writes the results as a page, one table per section of the list.

    Args:
        sweeps: `compiled`, `replaced` or both, each with its rows by config.
        side: Height and width of the images.
    """
    rows = {name: row for sweep in sweeps.values() for name, row in sweep.items()}
    hosts = sorted({row['host'] for row in rows.values()})
    versions = ', '.join(f'{host} {import_module(host).__version__}' for host in hosts)
    first, *others = sweeps
    counts = [f' with {OPERATORS[first]}']
    counts += [
        f'; {count_passed(sweeps[kind])} with {OPERATORS[kind]}' for kind in others
    ]
    lines = [
        '# Shipped configs on a diffusion backbone',
        '',
        f'{count_passed(sweeps[first])} shipped configs ({versions}) train a step and '
        'predict with `StableDiffusionBackbone` (`mini`, random weights) in place of '
        f'their own backbone,{"".join(counts)}. Images are noise of {side}x{side} '
        'pixels; some models '
        'need more, and pose configs have a size of their own. The loss only shows '
        'that the step ran. '
        'Every swap also replaces the backbone, `pretrained`, `custom_imports` and the '
        'mean and standard deviation of the images. The column *strides* shows the '
        'choice of [`swap_backbone`](swap_backbone.md).',
        '',
        'This page is written by `tools/analysis_tools/sweep_hosts.py --table '
        'docs/swap_sweep.md`, called in an environment for each kind of '
        '[operators](operators.md). The configs, and the reason for each group, stand '
        'in `tools/analysis_tools/sweep_hosts.txt`.',
    ]
    for section in dict.fromkeys(row.get('section', '') for row in rows.values()):
        chosen = {kind: _of_section(sweep, section) for kind, sweep in sweeps.items()}
        chosen = {kind: sweep for kind, sweep in chosen.items() if sweep}
        if section:
            counts = [f'{count_passed(sweep)} {kind}' for kind, sweep in chosen.items()]
            lines += ['', f'## {section}: {", ".join(counts)}']
        columns = [f'loss, {kind} | predicts, {kind}' for kind in chosen]
        lines += [
            '',
            f'| config | host | strides | swapped keys | {" | ".join(columns)} |',
            f'|---|---|---|---|{"---:|---|" * len(chosen)}',
        ]
        names = dict.fromkeys(name for sweep in chosen.values() for name in sweep)
        lines += [_format_row(name, chosen) for name in names]
    failed: dict[str, list[str]] = {}
    for kind, sweep in sweeps.items():
        for row in sweep.values():
            if 'error' in row:
                line = f'- `{row["config"]}`: {_one_line(row["error"])}'
                failed.setdefault(line, []).append(kind)
    if failed:
        lines += ['', '## What does not run, and why', '']
        lines += [
            line + ('' if len(kinds) == len(sweeps) else f' ({kinds[0]})')
            for line, kinds in failed.items()
        ]
    return '\n'.join(lines) + '\n'


def _of_section(sweep: dict[str, dict], section: str) -> dict[str, dict]:
    return {k: row for k, row in sweep.items() if row.get('section', '') == section}


def count_passed(rows: dict[str, dict]) -> str:
    """Says how many of the configs run, and of how many."""
    return f'{sum("error" not in row for row in rows.values())} of {len(rows)}'


def _format_row(name: str, sweeps: dict[str, dict[str, dict]]) -> str:
    rows = [sweep[name] for sweep in sweeps.values() if name in sweep]
    # Where both ran, their swaps are the same.
    row = next((row for row in rows if 'changes' in row), rows[0])
    changes = [
        change for change in row.get('changes', []) if not change.startswith(COMMON)
    ]
    swapped = '<br>'.join(f'`{_one_line(change)}`' for change in changes)
    path = row['config'].partition('/')[2]
    cells = [path, row['host'], row.get('strides', ''), swapped]
    for sweep in sweeps.values():
        result = sweep.get(name)
        cells.append(f'{result["loss"]:.4g}' if result and 'loss' in result else '')
        error = result.get('error', 'yes') if result else 'not run'
        cells.append(error.split(':')[0])
    return f'| {" | ".join(cells)} |'


def _one_line(text: str) -> str:
    return ' '.join(text.split()).replace('|', '\\|')
