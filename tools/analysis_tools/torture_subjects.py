"""Inputs of every kind that torture_inputs.py damages, and their readers."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from PIL import Image

from diffmm.apis import read_checkpoint, read_image
from diffmm.datasets import DepthListDataset
from diffmm.datasets.captioning import read_captions
from diffmm.diffusion import load_architecture
from diffmm.diffusion.weights import shipped_folder
from diffmm.diffusion.weights.folder_source import FolderSource
from diffmm.mini_world import Renderer, SceneSampler
from diffmm.own_data.boxes import read_boxes
from diffmm.own_data.classes import read_classes
from diffmm.own_data.masks import check_masks
from diffmm.own_data.pictures import open_pictures
from diffmm.utils.checksums import check_sums

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'dataset_converters'))
from depth_archives import ConversionError, unpack  # noqa: E402


@dataclass(frozen=True)
class Subject:
    """A kind of input.

    Attributes:
        share: Share of the trials.
        make: Writes sound files into a folder; returns those that are damaged in turn.
        read: Reads what lies there, and returns something to compare.
        exact: Whether a changed value is a failure: no one can see a changed weight,
            while a changed pixel is a picture still.
    """

    share: float
    make: Callable[[Path], list[Path]]
    read: Callable[[Path], Any]
    exact: bool = False


def _make_weights(folder: Path) -> list[Path]:
    shutil.copytree(shipped_folder('mini').parent, folder, dirs_exist_ok=True)
    # A part with few tensors is hit as often as one with many.
    return sorted((folder / 'mini').rglob('*.safetensors')) + sorted(
        (folder / 'mini').glob('*/*.json')
    )


def _read_weights(folder: Path) -> dict[str, torch.Tensor]:
    check_sums(folder / 'mini')
    source, architecture = FolderSource(folder / 'mini'), load_architecture('mini')
    return {
        f'{part}.{name}': tensor
        for part in ('unet', 'vae', 'text_encoder')
        for name, tensor in source.state_dict(part, architecture).items()
    }


def _make_checkpoint(folder: Path) -> list[Path]:
    torch.manual_seed(0)
    state = {f'layer{i}.weight': torch.randn(64, 64) for i in range(4)}
    meta = dict(epoch=1, iter=8, time=np.float64(1.5), loss=HistoryBuffer([0.5], [1]))
    torch.save(dict(state_dict=state, meta=meta), folder / 'iter_8.pth')
    return [folder / 'iter_8.pth']


def _read_checkpoint(folder: Path) -> dict[str, torch.Tensor]:
    content = read_checkpoint(folder / 'iter_8.pth')
    values = dict(content['state_dict'])
    values['meta'] = torch.tensor([content['meta'][k] for k in ('epoch', 'iter')])
    return values


def _draw(folder: Path) -> tuple[Image.Image, np.ndarray]:
    drawn = Renderer(96).render(SceneSampler(3).sample('train', 0))
    labels = np.where(drawn.ground, 1, 0).astype(np.uint8)
    labels[drawn.instances >= 0] = 2
    return Image.fromarray(drawn.image), labels


def _make_pictures(folder: Path) -> list[Path]:
    picture, _ = _draw(folder)
    paths = [folder / 'a.jpg', folder / 'b.png']
    for path in paths:
        picture.save(path)
    return paths


def _read_pictures(folder: Path) -> dict[str, torch.Tensor]:
    names = ('a.jpg', 'b.png')
    return {n: torch.from_numpy(read_image(folder / n).copy()) for n in names}


def _make_annotations(folder: Path) -> list[Path]:
    picture, labels = _draw(folder)
    picture.save(folder / 'a.png')
    Image.fromarray(labels).save(folder / 'mask.png')
    content = dict(
        images=[dict(id=1, file_name='a.png', width=96, height=96)],
        categories=[dict(id=i, name=name) for i, name in enumerate('xyz')],
        annotations=[
            dict(id=i, image_id=1, category_id=i % 3, bbox=[i, 2 * i + 1, 9, 20 - i])
            for i in range(9)
        ],
    )
    (folder / 'boxes.json').write_text(json.dumps(content))
    return [folder / 'mask.png', folder / 'boxes.json']


def _read_annotations(folder: Path) -> Any:
    (picture,) = open_pictures([folder / 'a.png'])
    classes = read_classes(['x', 'y', 'z'], None)
    report = check_masks({picture: folder / 'mask.png'}, classes)
    return report, read_boxes(folder / 'boxes.json', folder).content


def _make_list(folder: Path) -> list[Path]:
    names = [f'photo {i}.png' for i in range(12)]
    for name in names:
        (folder / name).touch()
    rows = [f'{name}\t{name}' for name in names]
    (folder / 'train.txt').write_text('\n'.join(rows) + '\n')
    return [folder / 'train.txt']


def _read_list(folder: Path) -> Any:
    dataset = DepthListDataset('train.txt', data_root=str(folder))
    return [dataset[index]['img_path'] for index in range(len(dataset))]


def _make_captions(folder: Path) -> list[Path]:
    captions = {f'{i}.jpg': dict(captions=[f'a ball of {i} colors']) for i in range(20)}
    (folder / 'captions.json').write_text(json.dumps(captions))
    return [folder / 'captions.json']


def _make_archive(folder: Path) -> list[Path]:
    with zipfile.ZipFile(folder / 'depth.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
        for index in range(4):
            archive.writestr(f'scene/{index}.png', bytes(range(256)) * (index + 1))
    return [folder / 'depth.zip']


def _read_archive(folder: Path) -> Any:
    out = folder / 'out'
    shutil.rmtree(out, ignore_errors=True)
    # As the converters do, take the files that one expects.
    expected = {f'scene/{index}.png' for index in range(4)}
    found, _ = unpack(
        folder / 'depth.zip', out, lambda name: name if name in expected else None
    )
    if found < len(expected):
        missing = len(expected) - found
        raise ConversionError(f'{folder / "depth.zip"} lacks {missing} files')
    return [(out / name).read_bytes() for name in sorted(expected)]


SUBJECTS = {
    'weights that come with DiffMM': Subject(
        0.25, _make_weights, _read_weights, exact=True
    ),
    'checkpoints': Subject(0.25, _make_checkpoint, _read_checkpoint, exact=True),
    'pictures': Subject(0.15, _make_pictures, _read_pictures),
    'annotations (masks, boxes)': Subject(0.1, _make_annotations, _read_annotations),
    'lists': Subject(0.1, _make_list, _read_list),
    'captions': Subject(
        0.1, _make_captions, lambda folder: read_captions(folder / 'captions.json')
    ),
    'archives': Subject(0.05, _make_archive, _read_archive, exact=True),
}
