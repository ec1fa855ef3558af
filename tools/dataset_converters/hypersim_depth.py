"""Brings Hypersim into the PNG files that Marigold's lists name."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from depth_archives import ConversionError, check_list
from tqdm import tqdm

from diffmm.utils.atomic import remove_temporaries, write_atomically
from diffmm.utils.command_line import Verdict, positive_int, run_main

# Lines of Marigold's filtered lists.
COUNTS = dict(train=53885, val=7370, test=7682)
LIST = 'filenames/filename_list_{}_filtered.txt'
LINE = re.compile(
    r'(ai_\d{3}_\d{3})/rgb_(cam_\d\d)_fr(\d{4})\.png \1/depth_plane_\2_fr\3\.png'
)
SIZE = (768, 1024)
# Pixels; of all cameras (the released pre-processing).
FOCAL_LENGTH = 886.81
# Tone mapping of Hypersim's authors: the 90th percentile of the brightness of what was
# rendered becomes 0.8.
PERCENTILE, BRIGHTNESS, GAMMA = 90, 0.8, 1 / 2.2
LUMA = (0.3, 0.59, 0.11)
DARK = 1e-4
MILLIMETERS, LARGEST = 1000, 65535


class Frame(NamedTuple):
    """A line of a list.

    Attributes:
        picture: Path of the picture to write.
        depth: Path of the depth map to write.
        source: Start of the paths of its HDF5 files, up to the kind of file.
        number: Its number, as file names have it.
    """

    picture: Path
    depth: Path
    source: Path
    number: str


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Turns the HDF5 files of Hypersim into PNG files, those that the '
        'lists of Marigold name: tone-mapped pictures, and depth along the optical '
        'axis in millimeters. Files that are there stay: after an interruption give '
        'the same command again. Without --raw it only copies lists and checks.'
    )
    parser.add_argument('out', type=Path, help='data root, such as data/hypersim')
    parser.add_argument(
        '--raw', type=Path, help='folder with the unpacked scenes, such as ai_001_001'
    )
    parser.add_argument('--workers', type=positive_int, default=4, help='processes')
    for_lists = dict(type=Path, help='list of the released Marigold')
    parser.add_argument('--train-list', **for_lists)
    parser.add_argument('--val-list', **for_lists)
    parser.add_argument('--test-list', **for_lists)
    for_counts = dict(
        type=positive_int, help='lines that it must have (default: %(default)s)'
    )
    parser.add_argument('--num-train', default=COUNTS['train'], **for_counts)
    parser.add_argument('--num-val', default=COUNTS['val'], **for_counts)
    parser.add_argument('--num-test', default=COUNTS['test'], **for_counts)
    return parser.parse_args(argv)


def plane_depth(distance: np.ndarray) -> np.ndarray:
    """Turns distances from the camera into depth along its optical axis.

    Args:
        distance: Shape (768, 1024), in meters.

    Returns:
        Depth in meters, same shape.
    """
    height, width = distance.shape
    rows, columns = (np.arange(side) - side / 2 + 0.5 for side in (height, width))
    ray = np.sqrt(rows[:, None] ** 2 + columns**2 + FOCAL_LENGTH**2)
    return distance / ray * FOCAL_LENGTH


def tone_map(color: np.ndarray, rendered: np.ndarray) -> np.ndarray:
    """Turns radiance into a picture.

    Args:
        color: Radiance, RGB, shape (H, W, 3).
        rendered: Where the picture shows an object, shape (H, W), bool.

    Returns:
        RGB, uint8.
    """
    scale = 1.0
    if rendered.any():
        level = np.percentile((color @ LUMA)[rendered], PERCENTILE)
        scale = 0.0 if level < DARK else BRIGHTNESS ** (1 / GAMMA) / level
    picture = np.maximum(scale * color, 0) ** GAMMA
    return (picture.clip(0, 1) * 255).astype(np.uint8)


def read_list(path: Path, split: str, out: Path, raw: Path) -> Iterator[Frame]:
    """Reads which frames a list names.

    Raises:
        ConversionError: A line is malformed.
    """
    for number, row in enumerate(path.read_text().splitlines(), start=1):
        match = LINE.fullmatch(' '.join(row.split()))
        if match is None:
            raise ConversionError(
                f'{path}:{number} must read "ai_x/rgb_cam_x_frx.png '
                f'ai_x/depth_plane_cam_x_frx.png", got {row[:120]!r}'
            )
        picture, depth = (out / split / name for name in match[0].split())
        source = raw / match[1] / 'images' / f'scene_{match[2]}'
        yield Frame(picture, depth, source, match[3])


def read_array(path: Path) -> np.ndarray:
    """Reads the only array of a HDF5 file."""
    import h5py

    with h5py.File(path) as file:
        return file['dataset'][:]


def convert(frame: Frame) -> bool:
    """Writes the files of a frame; returns whether they are new."""
    if frame.picture.is_file() and frame.depth.is_file():
        return False
    colors, geometry = (
        frame.source.with_name(f'{frame.source.name}_{kind}_hdf5')
        for kind in ('final', 'geometry')
    )
    name = f'frame.{frame.number}'
    color = read_array(colors / f'{name}.color.hdf5').astype(np.float64)
    distance = read_array(geometry / f'{name}.depth_meters.hdf5').astype(np.float64)
    rendered = read_array(geometry / f'{name}.render_entity_id.hdf5') != -1
    if distance.shape != SIZE:
        raise ConversionError(
            f'{geometry / name} has {distance.shape} pixels instead of {SIZE}'
        )
    known = rendered & np.isfinite(distance)
    units = np.where(known, plane_depth(np.nan_to_num(distance)) * MILLIMETERS, 0)
    frame.picture.parent.mkdir(parents=True, exist_ok=True)
    picture = tone_map(np.nan_to_num(color), rendered)[..., ::-1]
    write_atomically(frame.picture, cv2.imencode('.png', picture)[1].tobytes())
    depth = units.clip(0, LARGEST).astype(np.uint16)
    write_atomically(frame.depth, cv2.imencode('.png', depth)[1].tobytes())
    return True


def copy_list(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, source.read_bytes())


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    if args.raw and not args.raw.is_dir():
        sys.exit(f'hypersim_depth.py: error: --raw {args.raw} is no folder')
    remove_temporaries(args.out)
    problems, counts = [], {}
    try:
        for split in COUNTS:
            given = getattr(args, f'{split}_list')
            path = args.out / LIST.format(split)
            if given is not None:
                copy_list(given, path)
            # The configs need no test split.
            if not path.is_file() and split == 'test':
                continue
            counts[split] = getattr(args, f'num_{split}')
            if args.raw and path.is_file():
                frames = list(read_list(path, split, args.out, args.raw))
                with ProcessPoolExecutor(args.workers) as pool:
                    done = pool.map(convert, frames, chunksize=8)
                    bar = partial(tqdm, total=len(frames), desc=split, unit='frame')
                    print(f'{split}: {sum(bar(done))} new frames')
            problems += check_list(path, args.out / split, counts[split])
    except (ConversionError, OSError, KeyError, ModuleNotFoundError) as error:
        sys.exit(f'hypersim_depth.py: error: {error}')
    if problems:
        raise Verdict('hypersim_depth.py: not complete:\n' + '\n'.join(problems))
    total = ', '.join(f'{count:,} ({split})' for split, count in counts.items())
    print(f'{args.out} is complete: {total} pictures')


if __name__ == '__main__':
    run_main(main)
