"""Measure what the agentic workflow of ADDP mends and breaks (section 3.3, Table 3).

Every sentence of a config's test set is answered four ways: plainly, by the agent, with
random corrections, and by the majority over seeds. Of the sentences whose first answer
is wrong (IoU below 0.5) some are mended, of the others some are broken. After an
interruption, the same command continues.

    agent_outcomes.py CONFIG CHECKPOINT --limit 200 --out outcomes.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS, init_default_scope
from PIL import Image
from tqdm import tqdm

from diffmm.agents import RandomProposer, ReferringAgent
from diffmm.agents.options import add_proposer_options, build_proposer
from diffmm.agents.outcomes import (
    answer_all_ways,
    caption_vocabulary,
    summarize,
)
from diffmm.apis import ReferringPredictor
from diffmm.datasets.captioning import Captioner, read_captions
from diffmm.utils.atomic import write_atomically
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.progress_folder import ProgressFolder, settings_of
from diffmm.utils.text_table import format_table
from diffmm.utils.tool_config import add_config_options

CAPTION_BATCH = 16
# What does not change an answer.
NO_SETTINGS = ('out', 'device', 'key_variable')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help="the referring model's config")
    parser.add_argument('checkpoint', help="the referring model's checkpoint")
    parser.add_argument(
        '--out', type=Path, default=Path('agent_outcomes.json'), help='JSON to write'
    )
    parser.add_argument(
        '--limit', type=positive_int, help='so many sentences, evenly over the test set'
    )
    parser.add_argument(
        '--count', type=positive_int, default=3, help='corrections, k (default 3)'
    )
    parser.add_argument(
        '--correction', type=float, default=1.0, help='its strength (default 1)'
    )
    parser.add_argument('--seed', type=int, default=0, help='of the noise (default 0)')
    parser.add_argument(
        '--captioner', default='mini-captioner', help='as for generate_captions.py'
    )
    parser.add_argument(
        '--captions', type=Path, help='a caption file instead, by file names'
    )
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    add_config_options(parser)
    add_proposer_options(parser)
    return parser.parse_args(argv)


def choose(dataset: BaseDataset, limit: int | None) -> list[int]:
    """Numbers of the sentences, evenly over the data set."""
    count = min(limit or len(dataset), len(dataset))
    return [number * len(dataset) // count for number in range(count)]


def describe(files: list[Path], args: argparse.Namespace) -> dict[str, str]:
    """Captions by the names of the files."""
    if args.captions:
        entries = read_captions(args.captions)
        missing = [file.name for file in files if file.name not in entries]
        if missing:
            raise ValueError(f'{args.captions} has no caption of {missing[0]}')
        return {file.name: entries[file.name]['captions'][0] for file in files}
    captioner = Captioner(args.captioner, args.device)
    captions = {}
    for start in tqdm(range(0, len(files), CAPTION_BATCH), desc='captions'):
        part = files[start : start + CAPTION_BATCH]
        pictures = [Image.open(file).convert('RGB') for file in part]
        names = [file.name for file in part]
        captions.update(zip(names, captioner(pictures), strict=True))
    return captions


def run(args: argparse.Namespace) -> dict[str, dict]:
    """Answer the sentences, and sum up."""
    propose = build_proposer(args)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    predictor = ReferringPredictor(
        args.config, args.checkpoint, args.device, args.cfg_options
    )
    init_default_scope(predictor.cfg.default_scope)
    dataset = DATASETS.build(predictor.cfg.test_dataloader.dataset)
    numbers = choose(dataset, args.limit)
    infos = {number: dataset.get_data_info(number) for number in numbers}
    files = sorted({Path(info['img_path']) for info in infos.values()})
    captions = describe(files, args)
    by_chance = RandomProposer(caption_vocabulary(list(captions.values())), args.seed)
    agent = ReferringAgent(
        predictor,
        None,
        propose,
        args.count,
        args.correction,
        keep_steps=False,
    )
    progress = ProgressFolder(args.out, settings_of(args, NO_SETTINGS), 'answers')
    answers = progress.read('answers')
    missing = [number for number in numbers if str(number) not in answers]
    for number in tqdm(missing, desc='sentences'):
        info = infos[number]
        target = dataset[number]['data_samples'].gt_sem_seg.data[0].numpy() == 1
        counts = answer_all_ways(
            agent,
            by_chance,
            info['img_path'],
            info['expression'],
            target,
            captions[Path(info['img_path']).name],
            args.seed,
        )
        answers[str(number)] = counts
        progress.append('answers', {str(number): counts})
    summary = summarize([answers[str(number)] for number in numbers])
    write_atomically(args.out, (json.dumps(summary, indent=2) + '\n').encode())
    progress.remove()
    return summary


def print_table(summary: dict[str, dict]) -> None:
    first = next(iter(summary.values()))
    names = ('oIoU', 'mIoU', 'mended', 'broken')
    header = ['', 'oIoU', 'mIoU', f'mended of {first["wrong"]}']
    header.append(f'broken of {first["right"]}')
    rows = [
        [way, *('-' if values[n] is None else f'{values[n]:.1f}' for n in names)]
        for way, values in summary.items()
    ]
    print(format_table(header, rows))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        print_table(run(args))
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise SystemExit(f'agent_outcomes: {error}') from error
    print(f'written: {args.out}')


if __name__ == '__main__':
    run_main(main)
