"""Draws samples of the mini world with the data sets and visualizers of the hosts.

Needs mmsegmentation, mmdetection and mmpose, and a world of all layouts::

    python tools/mini_world/draw.py FOLDER --layout all
    python tools/mini_world/browse.py FOLDER sheet.png
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import numpy as np
from mmdet.structures import DetDataSample
from mmdet.visualization import DetLocalVisualizer
from mmengine.registry import DATASETS
from mmengine.visualization import Visualizer
from mmpose.structures import PoseDataSample
from mmpose.visualization import PoseLocalVisualizer
from mmseg.structures import SegDataSample
from mmseg.visualization import SegLocalVisualizer
from PIL import Image

from diffmm.mini_world.layouts.readers import READERS
from diffmm.utils.command_line import non_negative_int, run_main

GAP, TITLE, COLUMNS = 6, 20, 8


def draw_sample(config: dict, index: int = 0) -> np.ndarray:
    """Draws one annotated sample as its host does.

    Args:
        config: One of `dataset_configs`.
        index: Number of the sample, modulo the number of samples.

    Returns:
        RGB, uint8.

    Raises:
        ValueError: The data set is empty.
    """
    # mmengine cannot serialize an empty list, so its message would not help.
    dataset = DATASETS.build({**config, 'serialize_data': False})
    if not len(dataset):
        raise ValueError(f'{config} has no sample; write a world of more scenes')
    packed = dataset[index % len(dataset)]
    if 'img' in packed:
        label = packed['gt_label']
        image = cv2.cvtColor(packed['img'], cv2.COLOR_BGR2RGB)
        return captioned(image, f'{label}: {dataset.metainfo["classes"][label]}')
    image, sample = packed['inputs'].permute(1, 2, 0).numpy(), packed['data_samples']
    if 'captions' in sample:
        return captioned(image, sample.captions[0])
    image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    if isinstance(sample, SegDataSample):
        visualizer = SegLocalVisualizer(alpha=0.6)
    elif isinstance(sample, PoseDataSample):
        visualizer = PoseLocalVisualizer(radius=2)
        visualizer.set_dataset_meta(dataset.metainfo)
        return _drawn(visualizer, image, sample)
    else:
        visualizer = DetLocalVisualizer()
        if 'text' in sample:
            return _draw_expression(visualizer, image, sample)
        # The visualizer takes tensors, the data set gives box objects.
        sample.gt_instances.bboxes = sample.gt_instances.bboxes.tensor
    visualizer.dataset_meta = dataset.metainfo
    return _drawn(visualizer, image, sample)


def _draw_expression(
    visualizer: DetLocalVisualizer, image: np.ndarray, sample: DetDataSample
) -> np.ndarray:
    """Draws the mask of the longest expression, which tells most."""
    number = max(range(len(sample.text)), key=lambda i: len(sample.text[i]))
    mask = sample.gt_instances.masks.masks[number : number + 1].astype(bool)
    visualizer.set_image(image)
    visualizer.draw_binary_masks(mask, colors='lime', alphas=0.6)
    return captioned(visualizer.get_image(), sample.text[number])


def draw_reader(name: str, root: Path, index: int = 0) -> np.ndarray:
    """Draws a sample of a layout; of retrieval a sketch above a photo.

    Args:
        name: Key of `READERS`.
        root: Folder of a world of all layouts.
        index: Number of the sample.
    """
    reader, folder = READERS[name], root / name.split()[0]
    parts = list(reader.parts)[: 2 if 'train sketches' in reader.parts else 1]
    configs = [reader.build_config(folder, part) for part in parts]
    return np.concatenate([draw_sample(config, index) for config in configs])


def captioned(image: np.ndarray, text: str) -> np.ndarray:
    """Puts a text under a picture, broken into lines that fit."""
    width = image.shape[1]
    rows, row = [], ''
    for word in text.split():
        longer = f'{row} {word}'.strip()
        if cv2.getTextSize(longer, cv2.FONT_HERSHEY_SIMPLEX, 0.4, 1)[0][0] > width:
            rows, longer = [*rows, row], word
        row = longer
    rows.append(row)
    strip = np.full((TITLE * len(rows), width, 3), 255, np.uint8)
    for number, line in enumerate(rows):
        _text(strip, line, 0.4, 14 + TITLE * number)
    return np.concatenate([image, strip])


def contact_sheet(samples: dict[str, np.ndarray]) -> np.ndarray:
    """Lays pictures out in columns, each under its name.

    Args:
        samples: RGB pictures, uint8.
    """
    width = max(image.shape[1] for image in samples.values())
    columns: list[list[np.ndarray]] = [[] for _ in range(COLUMNS)]
    for name, image in samples.items():
        height, side = image.shape[:2]
        tile = np.full((TITLE + height + GAP, width + GAP, 3), 255, np.uint8)
        tile[TITLE : TITLE + height, :side] = image
        wide = cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)[0][0]
        _text(tile, name, 0.5 * min(1, width / wide), 14)
        shortest = min(columns, key=lambda column: sum(len(tile) for tile in column))
        shortest.append(tile)
    length = max(sum(len(tile) for tile in column) for column in columns)
    sheet = np.full((length, COLUMNS * (width + GAP), 3), 255, np.uint8)
    for number, column in enumerate(columns):
        strip = np.concatenate(column) if column else sheet[:0, : width + GAP]
        x = number * (width + GAP)
        sheet[: len(strip), x : x + width + GAP] = strip
    return sheet


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('root', help='folder written with --layout all')
    parser.add_argument('out', help='PNG file to write')
    parser.add_argument(
        '--index', type=non_negative_int, default=0, help='number of the first sample'
    )
    args = parser.parse_args(argv)
    try:
        # Another scene for every layout.
        samples = {
            name: draw_reader(name, Path(args.root), index)
            for index, name in enumerate(READERS, args.index)
        }
    except (FileNotFoundError, ValueError) as error:
        sys.exit(
            f'browse.py: error: {error}; write the world with '
            f'draw.py {args.root} --layout all'
        )
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    # 256 colors are enough here and take half of the space.
    sheet = Image.fromarray(contact_sheet(samples))
    palette = sheet.quantize()
    sheet = sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    sheet.save(args.out, 'PNG', optimize=True)
    print(f'{args.out}: {len(samples)} samples')


def _drawn(
    visualizer: Visualizer, image: np.ndarray, sample: SegDataSample
) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'drawn.png'
        visualizer.add_datasample(
            'sample', image, sample, draw_pred=False, out_file=str(path)
        )
        return _read(path)


def _read(path: Path) -> np.ndarray:
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(f'{path} is missing or no picture')
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _text(image: np.ndarray, text: str, scale: float, y: int) -> None:
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(image, text, (1, y), font, scale, (0, 0, 0), 1, cv2.LINE_AA)


if __name__ == '__main__':
    run_main(main)
