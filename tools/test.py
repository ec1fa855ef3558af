"""Evaluate a checkpoint as a config describes it."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config
from mmengine.registry import METRICS

from diffmm.apis import read_checkpoint
from diffmm.apis.depth import depth_units
from diffmm.models.precision import run_in_bfloat16
from diffmm.utils.command_line import UserError, run_main
from diffmm.utils.tool_config import (
    add_common_arguments,
    build_runner,
    load_config,
    require_file,
)
from diffmm.utils.work_dir import untouched_until_start


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the experiment config')
    parser.add_argument('checkpoint', help='checkpoint to evaluate')
    parser.add_argument(
        '--out',
        metavar='DIR',
        help='folder for the predictions, in the format of the metric; a pickle where '
        'it has none',
    )
    parser.add_argument(
        '--show', action='store_true', help='show predictions in a window'
    )
    parser.add_argument(
        '--show-dir',
        metavar='DIR',
        help='write painted predictions to DIR/vis_data/vis_image',
    )
    parser.add_argument(
        '--wait-time',
        type=float,
        default=2,
        metavar='S',
        help='seconds a window stays (default: 2)',
    )
    parser.add_argument(
        '--tta', action='store_true', help="apply the config's test-time augmentation"
    )
    parser.add_argument(
        '--amp',
        action='store_true',
        help='run the UNet in bfloat16, on a GPU or a CPU; heads and metrics stay in '
        'float32',
    )
    add_common_arguments(parser)
    return parser.parse_args(argv)


def enable_drawing(cfg: Config, args: argparse.Namespace) -> None:
    """Let the visualization hook draw, on screen or into a folder."""
    hook = cfg.get('default_hooks', {}).get('visualization')
    if hook is None:
        raise SystemExit(
            'error: --show and --show-dir need default_hooks.visualization in the '
            "config, for example dict(type='SegVisualizationHook')"
        )
    # mmpose's hook has another switch than those of mmseg and mmdet.
    hook['enable' if 'enable' in hook else 'draw'] = True
    # By default mmseg's draws every 50th picture only, and none of a smaller set.
    hook.setdefault('interval', 1)
    if args.show:
        hook.show = True
        hook.wait_time = args.wait_time
    if args.show_dir:
        cfg.visualizer.save_dir = args.show_dir


def enable_tta(cfg: Config) -> None:
    """Replace the test pipeline and wrap the model for test-time augmentation."""
    missing = [key for key in ('tta_model', 'tta_pipeline') if key not in cfg]
    if missing:
        raise SystemExit(f'error: --tta needs {" and ".join(missing)} in the config')
    cfg.test_dataloader.dataset.pipeline = cfg.tta_pipeline
    cfg.model = {**cfg.tta_model, 'module': cfg.model}


def keep_predictions(cfg: Config, out: str) -> None:
    """Tell every metric that can write its predictions where to put them."""
    scope = cfg.get('default_scope', 'mmengine')
    metrics = _single_metrics(cfg.test_evaluator)
    arguments = [_arguments(metric['type'], scope) for metric in metrics]
    writing = [
        (metric, known)
        for metric, known in zip(metrics, arguments, strict=True)
        if {'output_dir', 'outfile_prefix'} & known
    ]
    if not writing:
        _keep_pickle(cfg, out, metrics)
    for index, (metric, known) in enumerate(writing):
        # Metrics of one kind would overwrite each other's files.
        folder = Path(out) / str(index) if len(writing) > 1 else Path(out)
        if 'output_dir' in known:
            metric['output_dir'] = str(folder)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            metric['outfile_prefix'] = str(folder / 'predictions')
        if 'depth_scale_factor' in known:
            # The default of the metrics writes whole meters.
            metric.setdefault('depth_scale_factor', depth_units(cfg))
        if 'keep_results' in known:
            metric['keep_results'] = True


def _single_metrics(evaluator: Any) -> list[dict]:
    """The metrics of an evaluator, also those of its tasks and data sets."""
    if isinstance(evaluator, (list, tuple)):
        return [metric for each in evaluator for metric in _single_metrics(each)]
    # TaskEvaluator and the hosts' MultiDatasetEvaluators; BySourceMetric.
    for key in ('metrics', 'parts'):
        several = evaluator.get(key)
        if isinstance(several, Mapping) and 'type' not in several:
            several = list(several.values())
        # Other metrics have names in an argument of that name.
        if several and all(isinstance(each, Mapping) for each in several):
            return _single_metrics(several)
    return [evaluator]


def _keep_pickle(cfg: Config, out: str, metrics: list[dict]) -> None:
    """Keep predictions as a pickle where no metric has a format of its own."""
    evaluator = cfg.test_evaluator
    several = isinstance(evaluator, (list, tuple))
    if not several and 'metrics' in evaluator:
        names = ', '.join(str(metric['type']) for metric in metrics)
        raise SystemExit(
            f'error: --out: no metric here writes predictions ({names}), and '
            f'{evaluator.get("type", "Evaluator")} has no place for a further one; '
            '--show-dir paints them'
        )
    path = Path(out) / 'predictions.pkl'
    dump = dict(type='mmengine.DumpResults', out_file_path=str(path))
    cfg.test_evaluator = [*(evaluator if several else [evaluator]), dump]
    path.parent.mkdir(parents=True, exist_ok=True)
    print(f'no metric here has a format for predictions; they go to {path}')


def _arguments(metric: str | type, scope: str) -> set[str]:
    """Names of a metric's arguments, also those it hands on to its base class."""
    with METRICS.switch_scope_and_registry(scope) as registry:
        found = registry.get(metric) if isinstance(metric, str) else metric
    if found is None:
        raise SystemExit(f'error: --out: metric {metric!r} is not registered')
    names: set[str] = set()
    for base in found.__mro__:
        if '__init__' not in vars(base):
            continue
        parameters = inspect.signature(base.__init__).parameters.values()
        names |= {parameter.name for parameter in parameters}
        if not any(each.kind is each.VAR_KEYWORD for each in parameters):
            break
    return names


def main() -> None:
    args = parse_args()
    require_file(args.checkpoint, 'checkpoint')
    cfg = load_config(args)
    if '://' not in args.checkpoint:
        # With its name, before anything is built.
        read_checkpoint(args.checkpoint)
    cfg.load_from = args.checkpoint
    if args.show or args.show_dir:
        enable_drawing(cfg, args)
    if args.tta:
        enable_tta(cfg)
    if args.out:
        keep_predictions(cfg, args.out)
    with untouched_until_start(cfg, whole=True) as start:
        runner = build_runner(cfg)
        runner.register_hook(start)
        if args.amp and not run_in_bfloat16(runner.model):
            raise UserError(
                '--amp runs the UNet of Stable Diffusion in bfloat16, and this model '
                f'({type(runner.model).__name__}) has none; leave it off'
            )
        runner.test()


if __name__ == '__main__':
    run_main(main)
