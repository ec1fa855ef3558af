"""Brings NYUv2's depth data into the folders that the depth configs read."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import ModuleType

import cv2
import numpy as np
from depth_archives import ConversionError, check_list, unpack
from tqdm import tqdm

from diffmm.utils.atomic import remove_temporaries, write_atomically
from diffmm.utils.command_line import Verdict, positive_int, run_main

SYNC = 'nyu_depth_v2/sync'
TEST = 'nyu_depth_v2/official_splits/test'
LISTS = 'filenames/nyudepthv2'
# Numbers of pictures of the usual lists and of the labeled set.
KNOWN = {'train': 24231, 'test': 654}
NUM_LABELED = 1449
MILLIMETERS = 1000.0
# Region inside of the white frame, which the original preparation makes black.
INNER = (slice(7, 474), slice(7, 632))
DEPTH_NAME = re.compile(r'sync_depth_(\d+)\.png$')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Brings NYUv2 into the folders that the depth configs read, writes '
        'the lists of the splits and checks their counts. Files that are there stay: '
        'after an interruption give the same command again. Without --sync and '
        '--labeled it only writes missing lists and checks.'
    )
    parser.add_argument('out', help='data root, such as data/nyu')
    parser.add_argument('--sync', help='sync.zip: pictures and depth maps to train on')
    parser.add_argument(
        '--train-list',
        help='train_list.txt of the released VPD (24,231 lines); by default every pair '
        'in the sync folder is listed',
    )
    parser.add_argument('--labeled', help='nyu_depth_v2_labeled.mat: the test set')
    parser.add_argument(
        '--splits', help='splits.mat with the official split; needed with --labeled'
    )
    for split, count in KNOWN.items():
        parser.add_argument(
            f'--num-{split}',
            type=positive_int,
            default=count,
            help=f'lines that the {split} list must have (default: {count})',
        )
    args = parser.parse_args(argv)
    if (args.labeled is None) != (args.splits is None):
        parser.error('--labeled and --splits belong together')
    return args


# --- training pictures: sync.zip ------------------------------------------------------


def unpack_sync(archive: str, out: Path) -> int:
    """Writes the archive's pictures and depth maps; returns how many were new."""
    chosen, new = unpack(archive, out / SYNC, target)
    if not chosen:
        raise ConversionError(
            f'{archive} holds no sync/<scene>/rgb_<number>.jpg; it is not sync.zip'
        )
    return new


def target(member: str) -> str | None:
    """Path of a member below the sync folder; None for other members."""
    parts = PurePosixPath(member).parts
    if parts[:1] == ('sync',):
        parts = parts[1:]
    # A scene and a file, so nothing can climb out of the folder.
    if len(parts) != 2 or '..' in parts or '__MACOSX' in parts:
        return None
    return '/'.join(parts) if parts[1].endswith(('.jpg', '.png')) else None


# --- test pictures: the labeled set --------------------------------------------------


def optional(name: str, purpose: str) -> ModuleType:
    """Imports a package that only a part of this script needs."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.split('.')[0]
        raise ConversionError(
            f'{purpose} needs {package}, which cannot be imported ({error}): '
            f'python -m pip install {package}'
        ) from error


def read_test_numbers(path: str) -> list[int]:
    """Numbers of the official test pictures, from 0."""
    scipy_io = optional('scipy.io', 'reading splits.mat')
    try:
        content = scipy_io.loadmat(path)
    # A damaged file can fail anywhere in scipy's reader; the cause stays attached.
    except Exception as error:
        raise ConversionError(f'{path} cannot be read ({error})') from error
    if 'testNdxs' not in content:
        raise ConversionError(f'{path} has no testNdxs; it is not splits.mat')
    return sorted(int(number) - 1 for number in np.ravel(content['testNdxs']))


@contextlib.contextmanager
def open_labeled(path: str) -> Iterator:
    """Opens the labeled set, a MATLAB file of version 7.3, which is HDF5."""
    h5py = optional('h5py', 'reading a MATLAB 7.3 file')
    try:
        opened = h5py.File(path, 'r')
    except OSError as error:
        raise ConversionError(f'{path} cannot be read ({error})') from error
    with opened as source:
        missing = {'images', 'rawDepths', 'sceneTypes'} - set(source.keys())
        if missing:
            raise ConversionError(
                f'{path} has no {", ".join(sorted(missing))}; it is not '
                'nyu_depth_v2_labeled.mat'
            )
        yield source


def convert_labeled(labeled: str, splits: str, out: Path) -> int:
    """Writes the test pictures and their raw depth; returns how many were new."""
    numbers, new = read_test_numbers(splits), 0
    with open_labeled(labeled) as source:
        count = len(source['images'])
        if count != NUM_LABELED:
            print(f'warning: {labeled} has {count} pictures, not {NUM_LABELED}')
        if not numbers or numbers[-1] >= count:
            raise ConversionError(
                f'{splits} names {len(numbers)} test pictures, the last one '
                f'{max(numbers, default=0)}, but {labeled} has {count}'
            )
        for number in tqdm(numbers, desc='test pictures', unit='picture'):
            codes = np.ravel(source[source['sceneTypes'][0][number]])
            folder = out / TEST / ''.join(chr(int(code)) for code in codes)
            depth_path = folder / f'sync_depth_{number:05d}.png'
            image_path = folder / f'rgb_{number:05d}.jpg'
            if depth_path.is_file() and image_path.is_file():
                continue
            folder.mkdir(parents=True, exist_ok=True)
            # MATLAB's arrays are stored transposed: (W, H) and (3, W, H).
            depth, image = source['rawDepths'][number].T, source['images'][number].T
            write_atomically(depth_path, encode('.png', to_millimeters(depth)))
            write_atomically(image_path, encode('.jpg', without_frame(image)))
            new += 1
    return new


def to_millimeters(depth: np.ndarray) -> np.ndarray:
    """Meters to millimeters of uint16, cut off as in the original preparation."""
    return (depth * MILLIMETERS).astype(np.uint16)


def without_frame(image: np.ndarray) -> np.ndarray:
    """RGB (H, W, 3) to BGR with a black frame."""
    framed = np.zeros(image.shape, np.uint8)
    framed[INNER] = image[INNER][..., ::-1]
    return framed


def encode(suffix: str, image: np.ndarray) -> bytes:
    return cv2.imencode(suffix, np.ascontiguousarray(image))[1].tobytes()


# --- lists ----------------------------------------------------------------------------


def list_pairs(folder: Path) -> list[str]:
    """Lines for all depth maps of a folder that have a picture."""
    rows = []
    for depth in sorted(folder.glob('*/sync_depth_*.png')):
        match = DEPTH_NAME.search(depth.name)
        image = depth.with_name(f'rgb_{match[1]}.jpg') if match else None
        if image is not None and image.is_file():
            scene = depth.parent.name
            rows.append(f'/{scene}/{image.name} /{scene}/{depth.name}')
    return rows


def write_list(
    path: Path, folder: Path, given: str | None = None, renew: bool = False
) -> None:
    """Copies the given list, or lists all pairs of the folder."""
    if given is not None:
        content = Path(given).read_bytes()
    elif (path.is_file() and not renew) or not folder.is_dir():
        return
    else:
        content = ''.join(f'{row}\n' for row in list_pairs(folder)).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    out = Path(args.out)
    remove_temporaries(out)
    try:
        if args.sync:
            new = unpack_sync(args.sync, out)
            print(f'{out / SYNC}: {new} new files')
        if args.labeled:
            new = convert_labeled(args.labeled, args.splits, out)
            print(f'{out / TEST}: {new} new pictures with depth maps')
        train, test = (out / LISTS / f'{split}_list.txt' for split in KNOWN)
        write_list(train, out / SYNC, args.train_list)
        write_list(test, out / TEST, renew=args.labeled is not None)
    except (ConversionError, OSError, zipfile.BadZipFile) as error:
        sys.exit(f'nyu_depth.py: error: {error}')
    problems = check_list(train, out / SYNC, args.num_train)
    problems += check_list(test, out / TEST, args.num_test)
    if problems:
        raise Verdict('nyu_depth.py: not complete:\n' + '\n'.join(problems))
    print(f'{out} is complete: {args.num_train:,} and {args.num_test:,} pictures')


if __name__ == '__main__':
    run_main(main)
