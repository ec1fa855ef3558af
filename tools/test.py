"""Evaluate a checkpoint as a config describes it."""

from __future__ import annotations

import argparse
import inspect

from mmengine.config import Config
from mmengine.registry import METRICS, init_default_scope

from diffmm.utils.tool_config import (
    add_common_arguments,
    build_runner,
    load_config,
    require_file,
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the experiment config')
    parser.add_argument('checkpoint', help='checkpoint to evaluate')
    parser.add_argument(
        '--out',
        metavar='DIR',
        help='folder for the predictions, in the format of the metric',
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
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    metrics = cfg.test_evaluator
    metrics = list(metrics) if isinstance(metrics, (list, tuple)) else [metrics]
    writing = [metric for metric in metrics if _can_write(metric['type'])]
    if not writing:
        names = ', '.join(str(metric['type']) for metric in metrics)
        raise SystemExit(f'error: --out: no metric here writes predictions ({names})')
    for metric in writing:
        metric['output_dir'] = out
        if 'keep_results' in _arguments(metric['type']):
            metric['keep_results'] = True


def _arguments(metric: str | type) -> set[str]:
    found = metric
    if isinstance(metric, str):
        # A host registers its metrics in a registry of its own.
        with METRICS.switch_scope_and_registry(None) as registry:
            found = registry.get(metric)
    if found is None:
        raise SystemExit(f'error: --out: metric {metric!r} is not registered')
    return set(inspect.signature(found).parameters)


def _can_write(metric: str | type) -> bool:
    return 'output_dir' in _arguments(metric)


def main() -> None:
    args = parse_args()
    require_file(args.checkpoint, 'checkpoint')
    cfg = load_config(args)
    cfg.load_from = args.checkpoint
    if args.show or args.show_dir:
        enable_drawing(cfg, args)
    if args.tta:
        enable_tta(cfg)
    if args.out:
        keep_predictions(cfg, args.out)
    build_runner(cfg).test()


if __name__ == '__main__':
    main()
