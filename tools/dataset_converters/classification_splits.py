"""Writes ImageNet's and FGVC Aircraft's lists as a split file of CoOp.

CoOp has such files for nine of its eleven data sets. ImageNet: the folders of
images/train and images/val, named by classnames.txt (a folder and its name in each
line, as CoOp's file). Aircraft: variants.txt and images_variant_{train,val,test}.txt.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from tqdm import tqdm

from diffmm.utils.atomic import write_atomically
from diffmm.utils.class_names import read_lines
from diffmm.utils.command_line import run_main
from diffmm.utils.split_file import PARTS, check_split

Row = tuple[str, int, str]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('dataset', choices=('imagenet', 'aircraft'))
    parser.add_argument('root', type=Path, help='folder of the data set')
    parser.add_argument('out', type=Path, help='split file to write')
    parser.add_argument(
        '--rename',
        nargs='+',
        default=[],
        metavar='FOLDER=NAME',
        help="other names of ImageNet's folders, where two have the same",
    )
    return parser.parse_args(argv)


def list_imagenet(root: Path, renamed: dict[str, str]) -> dict[str, list[Row]]:
    """Lists the pictures of every folder that classnames.txt names.

    Raises:
        FileNotFoundError: The file or a folder is missing.
        ValueError: A line has no name, or an unknown folder is renamed.
    """
    lines = read_lines(root / 'classnames.txt')
    names = dict(line.partition(' ')[::2] for line in lines)
    nameless = [folder for folder, name in names.items() if not name.strip()]
    unknown = sorted(set(renamed) - set(names))
    if nameless or unknown:
        raise ValueError(
            f'{root / "classnames.txt"} needs a folder and its name in each line; '
            f'without a name: {nameless[:5]}, renamed and not there: {unknown}'
        )
    # CoOp numbers the folders in the order of their names.
    ordered = sorted(names)
    rows: dict[str, list[Row]] = {part: [] for part in PARTS}
    for part, folder in (('train', 'train'), ('test', 'val')):
        for label, wordnet in enumerate(tqdm(ordered, desc=folder, delay=2)):
            place = root / 'images' / folder / wordnet
            if not place.is_dir():
                raise FileNotFoundError(f'{place} does not exist')
            name = renamed.get(wordnet, names[wordnet].strip())
            rows[part] += [
                (f'{folder}/{wordnet}/{path.name}', label, name)
                for path in sorted(place.iterdir())
                if path.is_file()
            ]
    return rows


def list_aircraft(root: Path) -> dict[str, list[Row]]:
    """Reads the lists of variants.

    Raises:
        FileNotFoundError: A list is missing.
        ValueError: A line names no variant.
    """
    variants = read_lines(root / 'variants.txt')
    labels = {name: label for label, name in enumerate(variants)}
    rows: dict[str, list[Row]] = {}
    for part in PARTS:
        file = root / f'images_variant_{part}.txt'
        rows[part] = []
        for number, line in enumerate(read_lines(file), start=1):
            picture, _, name = line.partition(' ')
            if name not in labels:
                raise ValueError(
                    f'{file}:{number} must be a picture and one of the '
                    f'{len(labels)} variants, got {line!r}'
                )
            rows[part].append((f'{picture}.jpg', labels[name], name))
    return rows


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    renamed = dict(each.partition('=')[::2] for each in args.rename)
    try:
        if args.dataset == 'imagenet':
            rows = list_imagenet(args.root, renamed)
        else:
            rows = list_aircraft(args.root)
        split = check_split(rows)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(args.out, json.dumps(rows).encode())
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    counts = ', '.join(f'{len(split.rows[part])} {part}' for part in PARTS)
    print(f'{args.out}: {len(split.classes)} classes, {counts}')


if __name__ == '__main__':
    run_main(main)
