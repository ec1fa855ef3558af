"""Brings Virtual KITTI 2 into the folders that the depth configs read."""

from __future__ import annotations

import argparse
import re
import sys
import tarfile
from pathlib import Path

from depth_archives import ConversionError, check_list
from tqdm import tqdm

from diffmm.utils.atomic import remove_temporaries, write_atomically
from diffmm.utils.command_line import Verdict, positive_int, run_main

# Lines of Marigold's lists.
COUNTS = dict(train=20148, val=5364)
LIST = 'filenames/vkitti_{}.txt'
SCENES = dict(train=('02', '06', '18', '20'), val=('01',))
# Neither fog nor rain nor wide angles.
VARIANTS = ('clone', 'morning', 'overcast', 'sunset', '15-deg-left', '15-deg-right')
FILE = re.compile(
    rf'Scene(?:01|02|06|18|20)/(?:{"|".join(VARIANTS)})/frames/'
    r'(?:rgb/Camera_[01]/rgb_\d{5}\.jpg|depth/Camera_[01]/depth_\d{5}\.png)'
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Unpacks Virtual KITTI 2, writes the lists of Marigold and checks '
        'their counts. Files that are there stay: after an interruption give the same '
        'command again. Without archives it only writes missing lists and checks.'
    )
    parser.add_argument('out', type=Path, help='data root, such as data/vkitti2')
    parser.add_argument('--rgb', type=Path, help='vkitti_2.0.3_rgb.tar')
    parser.add_argument('--depth', type=Path, help='vkitti_2.0.3_depth.tar')
    for split, count in COUNTS.items():
        parser.add_argument(
            f'--{split}-list',
            type=Path,
            help=f'vkitti_{split}.txt of the released Marigold, which is then copied; '
            'by default the list is made',
        )
        parser.add_argument(
            f'--num-{split}',
            type=positive_int,
            default=count,
            help=f'lines that the {split} list must have (default: {count})',
        )
    return parser.parse_args(argv)


def unpack(archive: Path, folder: Path) -> int:
    """Writes the files of an archive that the lists may name; counts new ones."""
    chosen = new = 0
    with tarfile.open(archive) as source:
        for member in tqdm(source, desc=archive.name, unit='file'):
            match = FILE.search(member.name)
            if match is None or not member.isfile():
                continue
            chosen += 1
            path = folder / match[0]
            if path.is_file() and path.stat().st_size == member.size:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, source.extractfile(member).read())
            new += 1
    if not chosen:
        raise ConversionError(f'{archive} holds no Scene01/clone/frames/...')
    return new


def make_rows(out: Path, split: str) -> list[str]:
    """Lines of a list, from the depth maps that are there."""
    rows = []
    for scene in SCENES[split]:
        for variant in VARIANTS:
            frames = Path(f'Scene{scene}', variant, 'frames')
            for path in sorted((out / 'depth' / frames).glob('depth/Camera_?/*.png')):
                camera, number = path.parent.name, path.stem.removeprefix('depth_')
                picture = Path('rgb', frames, 'rgb', camera, f'rgb_{number}.jpg')
                depth = path.relative_to(out)
                rows.append(f'{picture.as_posix()} {depth.as_posix()}')
    return rows


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    remove_temporaries(args.out)
    problems = []
    try:
        for kind in ('rgb', 'depth'):
            archive = getattr(args, kind)
            if archive is not None:
                print(f'{kind}: {unpack(archive, args.out / kind)} new files')
        for split in COUNTS:
            path = args.out / LIST.format(split)
            given = getattr(args, f'{split}_list')
            path.parent.mkdir(parents=True, exist_ok=True)
            if given is not None:
                write_atomically(path, given.read_bytes())
            elif not path.is_file():
                rows = make_rows(args.out, split)
                write_atomically(path, ''.join(f'{row}\n' for row in rows).encode())
            problems += check_list(path, args.out, getattr(args, f'num_{split}'))
    except (ConversionError, OSError, tarfile.TarError) as error:
        sys.exit(f'vkitti2_depth.py: error: {error}')
    if problems:
        raise Verdict('vkitti2_depth.py: not complete:\n' + '\n'.join(problems))
    print(f'{args.out} is complete: {args.num_train:,} and {args.num_val:,} pictures')


if __name__ == '__main__':
    run_main(main)
