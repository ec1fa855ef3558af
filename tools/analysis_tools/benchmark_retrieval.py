"""Measure retrieval: vectors a second, and time and memory of the ranking.

Pictures and vectors are random: what they show changes neither. The ranking is that of
RetrievalMetric, a block of queries at a time; its memory stands beside that of all
distances at once. On a CPU, times are those of the processor, all threads together, so
that what else runs there does not count.
"""

from __future__ import annotations

import argparse
import time

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch

from diffmm.apis import get_config, get_model
from diffmm.benchmark import measure_memory_rise
from diffmm.evaluation.retrieval_metric import score_queries
from diffmm.structures import ConditionedImages
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='name or file of a config of retrieval')
    parser.add_argument(
        '--pictures', type=positive_int, default=10_000, help='of the gallery'
    )
    parser.add_argument('--queries', type=positive_int, default=1_000)
    parser.add_argument(
        '--batches',
        type=positive_int,
        default=4,
        help='whose speed is measured (default 4)',
    )
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    args = parse_args(argv)
    cfg = get_config(args.config)
    speed, width = measure_vectors(cfg, args)
    generator = torch.Generator().manual_seed(0)
    vectors = [
        torch.randn(count, width, generator=generator)
        for count in (args.queries, args.pictures)
    ]
    labels = [
        torch.randint(0, 20, (len(each),), generator=generator) for each in vectors
    ]

    def rank() -> None:
        score_queries(*vectors, *labels, precision_at=(100, 200))

    start = time.process_time()
    rank()
    seconds = time.process_time() - start
    rise = measure_memory_rise(rank, torch.device('cpu'))
    # A similarity in 4 bytes and a rank in 8.
    whole = args.queries * args.pictures * 12
    rows = [
        ['vectors a second', f'{speed:.1f}'],
        [f'ranking {args.pictures} for {args.queries} queries (s)', f'{seconds:.1f}'],
        ['its peak memory (MiB)', f'{rise / 2**20:.0f}'],
        ['all distances and ranks at once (MiB)', f'{whole / 2**20:.0f}'],
    ]
    print(format_table(['what', 'measured'], rows, numbers_from=1))


@torch.no_grad()
def measure_vectors(cfg, args: argparse.Namespace) -> tuple[float, int]:
    """Pictures a second, and the width of their vectors."""
    cfg.model.head.pretrained = None
    cfg.model.backbone.pretrained = None
    if cfg.model.backbone.get('expert'):
        cfg.model.backbone.expert.source.pretrained = False
    model = get_model(cfg, device=args.device)
    loader = cfg.val_dataloader
    (resize,) = (s for s in loader.dataset.pipeline if s['type'] == 'Resize')
    shape = (loader.batch_size, 3, *resize['scale'][::-1])
    images = torch.rand(shape, device=args.device) * 2 - 1
    batch = ConditionedImages(images, ['a red ball on the grass'] * len(images))
    vectors = model(batch).cpu()  # the first pass allocates memory
    clock = time.process_time if args.device == 'cpu' else time.perf_counter
    start = clock()
    for _ in range(args.batches):
        model(batch).cpu()
    seconds = clock() - start
    return args.batches * len(images) / seconds, vectors.shape[1]


if __name__ == '__main__':
    run_main(main)
