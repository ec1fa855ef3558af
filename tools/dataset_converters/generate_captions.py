"""Captions pictures with an image-to-text model, into a file of TADP's form.

SOURCE is a folder of pictures, or a config, whose data sets are captioned, or a caption
file, which is only cleaned. After an interruption, the same command continues, and
pictures that came later are added.

    generate_captions.py data/ade20k/images captions.json
    generate_captions.py CONFIG captions.json --model Salesforce/blip2-opt-2.7b \
        --min-new-tokens 40 --device cuda
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from mmengine.config import Config

from diffmm.datasets.captioning import (
    OWN_WORDS,
    CaptionerSettings,
    CaptionKey,
    EndpointCleaner,
    EndpointError,
    StyleWordCleaner,
    clean_captions,
    find_pictures,
    generate_captions,
    pictures_of_config,
)
from diffmm.datasets.captioning.generation import Cleaner
from diffmm.datasets.captioning.pictures import SPLITS
from diffmm.utils.command_line import non_negative_int, positive_int, run_main
from diffmm.utils.text_file import read_text
from diffmm.utils.tool_config import add_config_options, merge_options


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', type=Path, help='folder, config or caption file')
    parser.add_argument('out', type=Path, help='caption file to write or complete')
    parser.add_argument(
        '--model',
        default='mini-captioner',
        help='"mini-captioner" (default, for the mini world only), a hub id such as '
        'Salesforce/blip2-opt-2.7b, or a folder',
    )
    parser.add_argument(
        '--min-new-tokens',
        type=non_negative_int,
        default=0,
        help='TADP: 0, 20 or 40 (default 0)',
    )
    parser.add_argument(
        '--max-new-tokens', type=positive_int, default=77, help='as TADP by default: 77'
    )
    parser.add_argument(
        '--batch-size', type=positive_int, default=16, help='default 16'
    )
    parser.add_argument(
        '--processes',
        type=positive_int,
        default=1,
        help='each loads the model (default 1)',
    )
    parser.add_argument(
        '--device', default='cpu', help='"cpu" (default), "cuda" (all GPUs), "cuda:0"'
    )
    parser.add_argument(
        '--splits',
        nargs='+',
        choices=SPLITS,
        default=SPLITS,
        help='data loaders of the config that count (default: all)',
    )
    names = parser.add_argument_group(
        'names of the pictures', "by default those of the config's LoadCaption"
    )
    names.add_argument(
        '--parts', type=positive_int, help='last parts of the path (default 1)'
    )
    names.add_argument('--prefix', help='text in front, such as "/" for NYUv2')
    names.add_argument(
        '--no-extension', action='store_true', help='leave it out, as for Pascal VOC'
    )
    cleaning = parser.add_argument_group('removal of words for style and medium')
    cleaning.add_argument(
        '--clean', action='store_true', help='by a list of words that comes with DiffMM'
    )
    cleaning.add_argument(
        '--style-words', type=Path, help='by a list of your own, one phrase a line'
    )
    cleaning.add_argument(
        '--endpoint', help='by an OpenAI-compatible one, http://localhost:8000/v1'
    )
    cleaning.add_argument(
        '--endpoint-model', default='gpt-3.5-turbo', help="its model (default: TADP's)"
    )
    cleaning.add_argument(
        '--key-variable',
        default='OPENAI_API_KEY',
        help='environment variable that holds its key (default %(default)s)',
    )
    add_config_options(parser)
    return parser.parse_args(argv)


def build_cleaner(args: argparse.Namespace) -> tuple[Cleaner | None, str]:
    """Builds what cleans captions, and its name.

    Raises:
        ValueError: Several ways are asked for, or the list is empty.
    """
    ways = [
        name for name in ('clean', 'style_words', 'endpoint') if getattr(args, name)
    ]
    if len(ways) > 1:
        options = ' and '.join('--' + name.replace('_', '-') for name in ways)
        raise ValueError(f'{options} are different ways to clean; give one')
    if args.endpoint:
        key = os.environ.get(args.key_variable)
        name = f'{args.endpoint} {args.endpoint_model}'
        return EndpointCleaner(args.endpoint, args.endpoint_model, key), name
    if args.style_words:
        words = read_text(args.style_words).splitlines()
        return StyleWordCleaner(words), f'words {sorted(words)}'
    return (StyleWordCleaner(), OWN_WORDS) if args.clean else (None, '')


def picture_key(args: argparse.Namespace, known: CaptionKey | None) -> CaptionKey:
    """The rule of the command line, filled up with the config's."""
    known = known or CaptionKey()
    return CaptionKey(
        known.parts if args.parts is None else args.parts,
        known.prefix if args.prefix is None else args.prefix,
        known.extension and not args.no_extension,
    )


def run(args: argparse.Namespace) -> int:
    """Does the work.

    Returns:
        The exit status: 1 if there are pictures without a caption.
    """
    cleaner, cleaning = build_cleaner(args)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    lengths = (args.min_new_tokens, args.max_new_tokens)
    if args.source.suffix == '.json':
        if cleaner is None:
            raise ValueError(
                f'{args.source} is a caption file, which can only be cleaned: add '
                '--clean, --style-words or --endpoint'
            )
        settings = CaptionerSettings(str(args.source), *lengths, cleaning)
        count = clean_captions(args.source, args.out, cleaner, settings)
        print(f'{args.out}: {count} captions cleaned')
        return 0
    known = None
    if args.source.suffix == '.py':
        cfg = Config.fromfile(args.source)
        merge_options(cfg, args.cfg_options)
        pictures, known = pictures_of_config(cfg, args.splits)
    else:
        pictures = find_pictures(args.source)
    result = generate_captions(
        pictures,
        args.out,
        CaptionerSettings(args.model, *lengths, cleaning),
        picture_key(args, known),
        cleaner,
        args.batch_size,
        args.processes,
        args.device,
    )
    print(
        f'{args.out}: {result.written} captions written, {result.kept} were there '
        'already'
    )
    if cleaner is not None and result.kept:
        print(
            'those that were there stay as they are; to clean them too, give the '
            'caption file as SOURCE and another file to write'
        )
    for message in result.unreadable:
        print(message)
    if result.unreadable:
        print(
            f'{len(result.unreadable)} files have no caption; repair or remove them '
            'and give the command again'
        )
    return int(bool(result.unreadable))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        status = run(args)
    # Configs are Python.
    except (ValueError, FileNotFoundError, KeyError, SyntaxError) as error:
        raise SystemExit(f'error: {error}') from error
    except (OSError, BrokenProcessPool, EndpointError) as error:
        raise SystemExit(
            f'error: {error}; what is written stays: remove the cause and give the '
            'same command again'
        ) from error
    if status:
        raise SystemExit(status)


if __name__ == '__main__':
    run_main(main)
