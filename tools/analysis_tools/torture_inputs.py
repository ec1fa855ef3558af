"""Damaged inputs of every kind, and what their readers say; torture.py runs them."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from PIL import Image
from tqdm import tqdm

from diffmm.apis import read_checkpoint, read_image
from diffmm.datasets import DepthListDataset
from diffmm.datasets.captioning import read_captions
from diffmm.datasets.referring_annotations import read_plain_pickle
from diffmm.diffusion import load_architecture
from diffmm.diffusion.weights import read_safely, shipped_folder
from diffmm.diffusion.weights.folder_source import FolderSource
from diffmm.mini_world import Renderer, SceneSampler
from diffmm.own_data.boxes import read_boxes
from diffmm.own_data.classes import read_classes
from diffmm.own_data.masks import check_masks
from diffmm.own_data.pictures import open_pictures
from diffmm.testing.damage import DAMAGES, damage
from diffmm.testing.hostile_pickles import NAMES, as_checkpoint, hostile_pickle
from diffmm.utils.checksums import check_sums
from diffmm.utils.command_line import is_input_error, one_line

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'dataset_converters'))
from depth_archives import ConversionError, unpack  # noqa: E402

# Ends of a trial. The last two are failures.
REFUSED = 'refused in one line'
SAME = 'read, unchanged'
OTHER = 'read as other valid data'
SILENT = 'changed in silence'
UNCLEAR = 'unclear error'
ENDS = (REFUSED, SAME, OTHER, SILENT, UNCLEAR)


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


@dataclass
class InputReport:
    """Ends of all trials.

    Attributes:
        ends: Number of each end, by the kind of input.
        failures: A line for each failure.
    """

    ends: dict[str, Counter] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yields the rows of a table, all kinds last."""
        total: Counter = sum(self.ends.values(), Counter())
        for name, ends in (*self.ends.items(), ('all', total)):
            counts = [str(ends[end]) for end in ENDS]
            yield (name, str(sum(ends.values())), *counts)


def damage_inputs(trials: int, seed: int, folder: Path) -> InputReport:
    """Damages inputs, and reads them.

    Args:
        trials: Number of trials over all kinds.
        seed: Of the places and kinds of damage.
        folder: An empty folder.

    Returns:
        What happened.
    """
    rng = random.Random(seed)
    report = InputReport()
    with tqdm(total=trials, desc='damaged inputs', disable=None) as bar:
        for index, (name, subject) in enumerate(SUBJECTS.items()):
            place = folder / str(index)
            place.mkdir(parents=True)
            files = subject.make(place)
            expected = subject.read(place)
            ends = report.ends[name] = Counter()
            for trial in range(max(1, round(trials * subject.share))):
                kind = rng.choice(list(DAMAGES))
                path = files[trial % len(files)]
                end, why = _try(path, kind, subject, place, expected, rng)
                ends[end] += 1
                if end in (SILENT, UNCLEAR):
                    report.failures.append(f'{path.name}, {kind}: {end} {why}')
                bar.update()
    return report


def _try(
    path: Path,
    kind: str,
    subject: Subject,
    folder: Path,
    expected: Any,
    rng: random.Random,
) -> tuple[str, str]:
    sound = path.read_bytes()
    damage(path, kind, rng)
    try:
        found = subject.read(folder)
    except Exception as error:
        line = one_line(error)
        known = is_input_error(error) or isinstance(error, ConversionError)
        clear = known and path.name in line
        return (
            (REFUSED, line) if clear else (UNCLEAR, f'{type(error).__name__}: {line}')
        )
    finally:
        path.write_bytes(sound)
    if _equal(found, expected):
        return SAME, ''
    return (SILENT, '') if subject.exact else (OTHER, '')


def _equal(found: Any, expected: Any) -> bool:
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            _equal(found[key], expected[key]) for key in found
        )
    if isinstance(found, torch.Tensor):
        return torch.equal(found, expected)
    return found == expected


def read_hostile_pickles(folder: Path) -> tuple[int, list[str]]:
    """Reads pickles that try to run code, in every form that DiffMM reads.

    Args:
        folder: An empty folder.

    Returns:
        Number of attempts, and a line for each that was not refused.
    """
    attempts, failures = 0, []
    readers = (('.pth', read_safely), ('.pth', read_checkpoint), ('.ckpt', read_safely))
    for index, name in enumerate(NAMES):
        marker = folder / f'marker {index}'
        content = hostile_pickle(index, marker)
        forms = [(content, '.p', read_plain_pickle)]
        forms += [(content, suffix, read) for suffix, read in readers]
        forms += [(as_checkpoint(content), suffix, read) for suffix, read in readers]
        for form, suffix, read in forms:
            path = folder / f'hostile{suffix}'
            path.write_bytes(form)
            attempts += 1
            try:
                read(path)
            except ValueError as error:
                refused = path.name in str(error)
            else:
                refused = False
            if not refused or os.path.lexists(marker):
                failures.append(f'{name} as {suffix}')
    return attempts, failures
