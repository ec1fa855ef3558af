"""Draw what the tokens of a text attend to in a picture (TADP, supplement A).

Three grids and a file of arrays: the maps of all layers, their means by resolution and
stage, and overlays of the mean of all. With --paste, other pictures are pasted into
this one, and a row of overlays shows each (Figure S2). With --end-tokens, the names
of --words are the context, as in VPD, their end tokens averaged over 80 sentences or
taken from one (Figure S3); a table tells how diffuse the maps are.

    token_attention.py photo.png "a dog and a bird" --words dog bird
    token_attention.py photo.png "a dog, a bird, a cat" --words dog bird cat \
        --paste cat.png:10,40
    token_attention.py photo.png --end-tokens --words dog bird cat
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import numpy as np
from torch import Tensor

from diffmm.apis.image_input import to_bgr
from diffmm.diffusion import WeightsError, load_architecture
from diffmm.evaluation.token_attention import (
    TokenAttention,
    TokenMaps,
    paste,
    spread,
)
from diffmm.models.prompts.templates import resolve_templates
from diffmm.utils.class_names import check_repeats
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.picture_file import write_picture
from diffmm.utils.text_table import format_table
from diffmm.visualization import draw_image_grid, overlay_heat_map

ONE_SENTENCE = 'a photo of a {}'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('image', type=Path, help='the picture')
    parser.add_argument('text', nargs='?', help='the text; not with --end-tokens')
    parser.add_argument(
        '--words', nargs='+', help='words of the text to draw (default: every token)'
    )
    parser.add_argument(
        '--paste',
        nargs='+',
        default=[],
        metavar='FILE:LEFT,TOP',
        help='pictures to paste, one at a time',
    )
    parser.add_argument(
        '--end-tokens', action='store_true', help='compare contexts of end tokens'
    )
    parser.add_argument(
        '--pretrained', default='mini', help='"mini" (default), a folder, file or id'
    )
    parser.add_argument('--arch', default='mini', help='architecture of these weights')
    parser.add_argument(
        '--learned-words', nargs='+', default=[], help='files of learned words'
    )
    parser.add_argument(
        '--timestep', type=int, default=1, help='noise level told (default, TADP: 1)'
    )
    parser.add_argument(
        '--size',
        type=positive_int,
        help='resize the picture to a square of so many pixels',
    )
    parser.add_argument(
        '--out-dir', type=Path, default=Path('token_attention'), help='for the files'
    )
    return parser.parse_args(argv)


def read_image(path: Path, size: int | None = None) -> np.ndarray:
    """Read an RGB picture, resized if asked."""
    image = to_bgr(path)[..., ::-1]
    if size is not None:
        image = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(image)


def read_item(argument: str) -> tuple[Path, np.ndarray, int, int]:
    """Read what is to be pasted: its file, pixels and place."""
    name, separator, place = argument.rpartition(':')
    numbers = place.split(',')
    if not separator or len(numbers) != 2 or not all(n.isdigit() for n in numbers):
        raise ValueError(f'--paste takes FILE:LEFT,TOP, got {argument!r}')
    item = cv2.imread(name, cv2.IMREAD_UNCHANGED)
    if item is None or item.ndim != 3:
        raise ValueError(f'{name} is missing or no picture in color')
    order = [2, 1, 0, 3][: item.shape[2]]
    # Without "..", and the same for a file that is named in two ways.
    path = Path(os.path.abspath(name))
    return path, item[..., order], int(numbers[0]), int(numbers[1])


def short_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Name files by as much of their paths as tells them apart."""

    def forms(path: Path) -> list[str]:
        tails = (path.parts[-length:] for length in range(1, len(path.parts) + 1))
        return [path.stem, *(str(Path(*tail)) for tail in tails)]

    names = {}
    for path in paths:
        others = {form for other in paths if other != path for form in forms(other)}
        names[path] = next(form for form in forms(path) if form not in others)
    return names


def pasted(image: np.ndarray, arguments: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Paste pictures, one at a time; yields their labels with the results."""
    items = [read_item(argument) for argument in arguments]
    names = short_names([path for path, *_ in items])
    uses = Counter(path for path, *_ in items)
    labels = [
        f'with {names[path]}' + (f' at {left}, {top}' if uses[path] > 1 else '')
        for path, _, left, top in items
    ]
    repeated = [label for label, count in Counter(labels).items() if count > 1]
    if repeated:
        raise ValueError(f'--paste makes the same picture twice: {repeated[0]!r}')
    for label, (_, item, left, top) in zip(labels, items, strict=True):
        yield label, paste(image, item, left, top)


def word_maps(maps: TokenMaps, words: list[str] | None) -> dict[str, list[int]]:
    """Positions of the words that are drawn."""
    if words is None:
        return {f'{index} {token}': [index] for index, token in enumerate(maps.tokens)}
    return {word: maps.find(word) for word in words}


def overlays(image: np.ndarray, maps: Tensor, places: dict[str, list[int]]) -> list:
    """One overlay a word: the sum of the maps of its tokens."""
    return [
        overlay_heat_map(image, maps[positions].sum(dim=0).numpy())
        for positions in places.values()
    ]


def write(
    path: Path, rows: list[tuple[str, list[np.ndarray]]], names: list[str]
) -> None:
    """Write a grid with a row for each group and a column for each name."""
    tiles = [tile for _, row in rows for tile in row]
    captions = [f'{group}\n{name}' for group, _ in rows for name in names]
    grid = draw_image_grid(tiles, captions, len(names))
    write_picture(path, grid[..., ::-1])
    print(f'written: {path}')


def draw_text(args: argparse.Namespace, model: TokenAttention) -> None:
    """Draw layers, resolutions and overlays of a text."""
    image = read_image(args.image, args.size)
    pictures = {'': image, **dict(pasted(image, args.paste))}
    maps = {
        name: model.of_text(picture, args.text) for name, picture in pictures.items()
    }
    places = word_maps(maps[''], args.words)
    names = list(places)
    first = maps['']
    layers = [
        (label, overlays(image, layer, places)) for label, layer in first.layers.items()
    ]
    write(args.out_dir / 'layers.png', layers, names)
    groups = [
        (group, overlays(image, first.mean(group), places)) for group in first.groups
    ]
    write(args.out_dir / 'resolutions.png', groups, names)
    rows = [
        (name, [picture, *overlays(picture, maps[name].mean(), places)])
        for name, picture in pictures.items()
    ]
    write(args.out_dir / 'overlays.png', rows, ['picture', *names])
    path = args.out_dir / 'maps.npz'
    arrays = {label: layer.numpy() for label, layer in first.layers.items()}
    np.savez_compressed(path, tokens=np.array(first.tokens), **arrays)
    print(f'written: {path}')


def draw_end_tokens(args: argparse.Namespace, model: TokenAttention) -> None:
    """Draw the maps of end tokens beside those of the words of a sentence."""
    image = read_image(args.image, args.size)
    rows, table = [], []
    for label, templates in (
        ('80 sentences', resolve_templates('imagenet')),
        ('one sentence', (ONE_SENTENCE,)),
    ):
        maps = model.of_end_tokens(image, args.words, templates).mean()
        places = {word: [index] for index, word in enumerate(args.words)}
        rows.append((label, overlays(image, maps, places)))
        table.append((label, *(f'{value:.3f}' for value in spread(maps).tolist())))
    text = ', '.join(f'a {word}' for word in args.words)
    found = model.of_text(image, text)
    places = word_maps(found, args.words)
    maps = found.mean()
    rows.append(('words', overlays(image, maps, places)))
    sums = [spread(maps[p].sum(0)[None]).item() for p in places.values()]
    table.append(('words of a text', *(f'{value:.3f}' for value in sums)))
    write(args.out_dir / 'end_tokens.png', rows, args.words)
    print(format_table(('diffuseness', *args.words), table))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        if args.end_tokens and not args.words:
            raise ValueError('--end-tokens needs --words')
        if not args.end_tokens and not args.text:
            raise ValueError('give a text, or --end-tokens and --words')
        if args.end_tokens and (args.text or args.paste):
            raise ValueError(
                '--end-tokens makes its own texts of --words and pastes nothing, got '
                f'the text {args.text!r} and --paste {args.paste}'
            )
        check_repeats(args.words or [], '--words')
        model = TokenAttention(
            args.pretrained,
            load_architecture(args.arch),
            args.timestep,
            args.learned_words,
        )
        (draw_end_tokens if args.end_tokens else draw_text)(args, model)
    except (FileNotFoundError, ValueError, WeightsError) as error:
        raise SystemExit(f'error: {error}') from error


if __name__ == '__main__':
    run_main(main)
