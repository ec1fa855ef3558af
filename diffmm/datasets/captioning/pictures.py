"""Pictures to be captioned: those of a folder, or those of a config's data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope
from PIL import Image, ImageOps

from diffmm.utils.nested import walk

from .caption_file import CaptionKey

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')
SPLITS = ('train', 'val', 'test')


def find_pictures(folder: str | Path) -> list[Path]:
    """Finds the pictures of a folder and the folders in it.

    Args:
        folder: The folder.

    Returns:
        Sorted files.

    Raises:
        FileNotFoundError: There is no such folder, or no picture in it.
    """
    folder = Path(folder)
    if folder.is_file():
        raise FileNotFoundError(
            f'{folder} is a file, but its folder, a config (.py) or a caption file '
            '(.json) is needed'
        )
    if not folder.is_dir():
        raise FileNotFoundError(f'the folder {folder} does not exist')
    found = [path for path in folder.rglob('*') if path.suffix.lower() in SUFFIXES]
    found = sorted(path for path in found if path.is_file())
    if not found:
        raise FileNotFoundError(
            f'{folder} holds no picture (no file that ends in {", ".join(SUFFIXES)})'
        )
    return found


def open_picture(path: str | Path) -> Image.Image:
    """Opens a picture as the data sets do: upright, and without transparency.

    Args:
        path: The file.

    Returns:
        An RGB picture.

    Raises:
        ValueError: It is damaged, too large, or a map of depths or labels: one channel
            of more than 8 bits.
    """
    try:
        with Image.open(path) as image:
            if image.mode.startswith(('I', 'F')):
                raise ValueError('one channel of more than 8 bits, a map of depths?')
            return ImageOps.exif_transpose(image).convert('RGB')
    # Pillow's decoders raise all of these for damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f'{path} cannot be read as a picture: {error}') from error


def pictures_of_config(
    cfg: Config, splits: Sequence[str] = SPLITS
) -> tuple[list[Path], CaptionKey | None]:
    """Finds the pictures of a config's data sets.

    Args:
        cfg: A whole experiment.
        splits: Whose ``<split>_dataloader`` count, if the config has them.

    Returns:
        Their files, each once, and the names that the config's ``LoadCaption`` looks
        for, if it has one.

    Raises:
        ValueError: The config has none of these data loaders, a data set without the
            files of its pictures, or several rules for names.
        FileNotFoundError: A data set is missing.
    """
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    loaders = [f'{split}_dataloader' for split in splits]
    loaders = [name for name in loaders if cfg.get(name)]
    if not loaders:
        raise ValueError(f'{cfg.filename} has no data loader of {list(splits)}')
    paths: dict[Path, None] = {}
    for name in loaders:
        dataset = DATASETS.build(cfg[name].dataset)
        for index in range(len(dataset)):
            info = getattr(dataset, 'get_data_info', lambda _: {})(index)
            if 'img_path' not in info:
                raise ValueError(
                    f'{name} of {cfg.filename}: {type(dataset).__name__} does not tell '
                    'the files of its pictures (img_path); caption their folder'
                )
            paths[Path(info['img_path'])] = None
    steps = [
        step
        for name in loaders
        for step in walk(cfg[name].dataset)
        if isinstance(step, Mapping) and step.get('type') == 'LoadCaption'
    ]
    names = [field.name for field in fields(CaptionKey)]
    keys = [CaptionKey(**{k: step[k] for k in names if k in step}) for step in steps]
    if len(set(keys)) > 1:
        raise ValueError(
            f'{cfg.filename} has several rules for the names of its pictures, '
            f'{", ".join(map(str, dict.fromkeys(keys)))}, so one file cannot hold the '
            f'captions of all {list(splits)}: name the splits of one file'
        )
    return list(paths), keys[0] if keys else None
