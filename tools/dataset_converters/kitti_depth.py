"""Brings KITTI's depth data into the folders that the depth configs read."""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from pathlib import Path

from depth_archives import ConversionError, check_list, unpack
from kitti_eigen_split import NUM_PICTURES, TEST_FRAMES, TRAIN_DRIVES
from tqdm import tqdm

from diffmm.utils.atomic import remove_temporaries, write_atomically
from diffmm.utils.command_line import Verdict, positive_int, run_main

RAW = 'raw_data'
DEPTH = 'data_depth_annotated'
LISTS = 'filenames/eigen_benchmark'
DRIVES = {*TRAIN_DRIVES, *TEST_FRAMES}
DRIVE_ARCHIVE = re.compile(r'(\d{4}_\d\d_\d\d_drive_\d{4}_sync)\.zip')
# Pictures of the left color camera.
PICTURE = re.compile(
    r'(\d{4}_\d\d_\d\d)/(\1_drive_\d{4}_sync)/image_02/data/\d{10}\.png'
)
MAP = re.compile(
    r'(?:data_depth_annotated/)?((?:train|val)/(\d{4}_\d\d_\d\d_drive_\d{4}_sync)'
    r'/proj_depth/groundtruth/image_02/\d{10}\.png)'
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Brings KITTI into the folders that the depth configs read, writes '
        'the lists of the Eigen split and checks their counts. Files that are there '
        'stay: after an interruption give the same command again. Without --raw and '
        '--depth it only writes missing lists and checks.'
    )
    parser.add_argument('out', help='data root, such as data/kitti')
    parser.add_argument(
        '--raw',
        help='folder with the archives of the drives, such as '
        '2011_09_26_drive_0001_sync.zip; only pictures of the left color camera are '
        'taken out of them',
    )
    parser.add_argument('--depth', help='data_depth_annotated.zip: the depth maps')
    for split, count in NUM_PICTURES.items():
        parser.add_argument(
            f'--{split}-list',
            help=f'{split}_list.txt of the released VPD, which is then copied; by '
            'default the list is made',
        )
        parser.add_argument(
            f'--num-{split}',
            type=positive_int,
            default=count,
            help=f'lines that the {split} list must have (default: {count})',
        )
    return parser.parse_args(argv)


def unpack_drives(folder: str, out: Path) -> int:
    """Writes the pictures of all drives of the split; returns how many were new."""
    found = {
        match[1]: path
        for path in sorted(Path(folder).iterdir())
        if (match := DRIVE_ARCHIVE.fullmatch(path.name))
    }
    missing = sorted(DRIVES - set(found))
    if missing:
        print(
            f'warning: {folder} has no archive of {len(missing)} of {len(DRIVES)} '
            f'drives: {", ".join(missing)}'
        )
    new = 0
    for drive in tqdm(sorted(DRIVES & set(found)), desc='drives', unit='drive'):
        chosen, written = unpack(found[drive], out / RAW, picture_target)
        if not chosen:
            raise ConversionError(
                f'{found[drive]} holds no <date>/{drive}/image_02/data/<number>.png; '
                "it is not the drive's synced and rectified data"
            )
        new += written
    return new


def picture_target(member: str) -> str | None:
    """Path of a picture below the raw data; None for other members."""
    match = PICTURE.fullmatch(member)
    return member if match and match[2] in DRIVES else None


def unpack_maps(archive: str, out: Path) -> int:
    """Writes the depth maps of all drives of the split; returns how many were new."""
    chosen, new = unpack(archive, out / DEPTH, map_target)
    if not chosen:
        raise ConversionError(
            f'{archive} holds no train/<drive>/proj_depth/groundtruth/image_02/'
            '<number>.png; it is not data_depth_annotated.zip'
        )
    return new


def map_target(member: str) -> str | None:
    """Path of a depth map below its folder; None for other members."""
    match = MAP.fullmatch(member)
    return match[1] if match and match[2] in DRIVES else None


def make_rows(out: Path) -> dict[str, list[str]]:
    """Lines of both lists, from the depth maps that are there.

    KITTI's own folders train and val are another split, so both are searched.
    """
    rows: dict[str, list[str]] = {split: [] for split in NUM_PICTURES}
    for path in sorted((out / DEPTH).glob('*/*/proj_depth/groundtruth/image_02/*.png')):
        drive = path.parents[3].name
        if drive in TRAIN_DRIVES:
            split = 'train'
        elif int(path.stem) in TEST_FRAMES.get(drive, ()):
            split = 'test'
        else:
            continue
        day = drive.partition('_drive')[0]
        image = f'/{RAW}/{day}/{drive}/image_02/data/{path.name}'
        rows[split].append(f'{image} /{path.relative_to(out).as_posix()}')
    return rows


def write_lists(out: Path, given: dict[str, str | None]) -> None:
    """Copies the given lists, and makes the others if they are missing."""
    made = None
    for split, source in given.items():
        path = out / LISTS / f'{split}_list.txt'
        if source is not None:
            content = Path(source).read_bytes()
        elif path.is_file() or not (out / DEPTH).is_dir():
            continue
        else:
            made = make_rows(out) if made is None else made
            content = ''.join(f'{row}\n' for row in made[split]).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    out = Path(args.out)
    remove_temporaries(out)
    try:
        if args.raw:
            new = unpack_drives(args.raw, out)
            print(f'{out / RAW}: {new} new pictures')
        if args.depth:
            new = unpack_maps(args.depth, out)
            print(f'{out / DEPTH}: {new} new depth maps')
        write_lists(out, dict(train=args.train_list, test=args.test_list))
    except (ConversionError, OSError, zipfile.BadZipFile) as error:
        sys.exit(f'kitti_depth.py: error: {error}')
    problems = []
    for split, count in (('train', args.num_train), ('test', args.num_test)):
        problems += check_list(out / LISTS / f'{split}_list.txt', out, count)
    if problems:
        raise Verdict('kitti_depth.py: not complete:\n' + '\n'.join(problems))
    print(f'{out} is complete: {args.num_train:,} and {args.num_test:,} pictures')


if __name__ == '__main__':
    run_main(main)
