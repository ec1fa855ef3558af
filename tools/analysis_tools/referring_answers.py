"""Arguments, batches, answers and scores of the analyses of referring perceptors."""

from __future__ import annotations

import argparse
import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from mmengine.dataset import pseudo_collate
from tqdm import tqdm

from diffmm.apis.dataset_predictor import DatasetPredictor
from diffmm.diffusion import InstructGuidance
from diffmm.models.perceptors import InstructPerceptor
from diffmm.models.perceptors.frames import restore_frame
from diffmm.structures import ConditionedImages
from diffmm.utils.command_line import positive_int
from diffmm.utils.progress_folder import ProgressFolder
from diffmm.utils.tool_config import add_config_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the model, and how many sentences it is asked."""
    parser.add_argument(
        'config', help='config of an InstructPerceptor that finds masks'
    )
    parser.add_argument('checkpoint', help='its trained weights')
    parser.add_argument(
        '--count',
        type=positive_int,
        default=300,
        help='sentences, from all over the test set',
    )
    parser.add_argument('--batch-size', type=positive_int, default=16)
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    add_config_options(parser)


def open_model(
    config: str, checkpoint: str, device: str, cfg_options: Mapping[str, Any] | None
) -> DatasetPredictor:
    """Reads a perceptor that finds masks by texts, with its test set.

    Raises:
        FileNotFoundError: Config or checkpoint do not exist.
        ValueError: The model is another one, or the checkpoint does not fit.
    """
    predictor = DatasetPredictor(config, checkpoint, device, cfg_options)
    codec = getattr(predictor.model, 'codec', None)
    if not isinstance(predictor.model, InstructPerceptor) or not hasattr(
        codec, 'threshold_map'
    ):
        raise ValueError(f'{config} is no InstructPerceptor that finds masks')
    return predictor


def spread(length: int, count: int | None) -> list[int]:
    """Numbers of some items from all over a data set; None takes all."""
    if count is None or count >= length:
        return list(range(length))
    return np.linspace(0, length - 1, count).astype(int).tolist()


def load_batches(
    model: InstructPerceptor,
    items: Sequence[dict],
    batch_size: int,
    title: str = 'denoising',
) -> Iterator[tuple[slice, dict]]:
    """Prepares items batch by batch, and shows the progress.

    Yields:
        Which items they are, and what the data preprocessor makes of copies of them.
    """
    for start in tqdm(range(0, len(items), batch_size), desc=title):
        rows = slice(start, start + batch_size)
        part = [
            dict(inputs=item['inputs'], data_samples=item['data_samples'].clone())
            for item in items[rows]
        ]
        yield rows, model.data_preprocessor(pseudo_collate(part))


def answer(
    predictor: DatasetPredictor,
    items: Sequence[dict],
    texts: Sequence[str],
    batch_size: int = 16,
    corrections: Sequence[Sequence[str]] = (),
    title: str = 'denoising',
    **options: Any,
) -> Iterator[np.ndarray]:
    """Finds what texts refer to.

    Args:
        predictor: The model.
        items: Of a data set of test; all pictures have the same size in the network.
        texts: One for each item.
        batch_size: Items that are denoised together.
        corrections: What is not meant, for each item; none by default.
        title: Of the progress bar.
        **options: Further ones of ``InstructPerceptor.denoising_steps``.

    Yields:
        Masks (H, W) of the size of the picture, bool.
    """
    model = predictor.model
    for rows, data in load_batches(model, items, batch_size, title):
        images = ConditionedImages(data['inputs'].plain(), texts[rows])
        denied = corrections[rows] if corrections else ()
        maps, _ = model.perceive(images, corrections=denied, **options)
        for strength, sample in zip(maps, data['data_samples'], strict=True):
            restored = restore_frame(strength, sample.metainfo)
            yield model.codec.threshold_map(restored)[0].bool().cpu().numpy()


class Answers:
    """Answers of a model, each found once, and kept over an interruption.

    Args:
        predictor: The model.
        items: As for `answer`.
        texts: One for each item.
        batch_size: Items that are denoised together.
        progress: Where finished answers are kept.
    """

    def __init__(
        self,
        predictor: DatasetPredictor,
        items: Sequence[dict],
        texts: Sequence[str],
        batch_size: int,
        progress: ProgressFolder,
    ) -> None:
        self.predictor = predictor
        self.items = items
        self.texts = texts
        self.batch_size = batch_size
        self.progress = progress
        kept = progress.read('answers')
        self.masks = {name: _decode(text) for name, text in kept.items()}

    def __call__(
        self,
        title: str,
        corrections: Sequence[str] | None = None,
        strength: float = 0.0,
        seed: int | None = None,
    ) -> list[np.ndarray]:
        """Finds the masks of all items.

        Args:
            title: Of the progress bar.
            corrections: What is not meant, a text for each item; None for none.
            strength: Of the correction.
            seed: In the place of the model's own.

        Returns:
            A mask (H, W) for each item, bool.
        """
        denied = corrections or [None] * len(self.items)
        names = [
            json.dumps([number, text, strength, seed])
            for number, text in enumerate(denied)
        ]
        missing = [n for n, name in enumerate(names) if name not in self.masks]
        found = answer(
            self.predictor,
            [self.items[n] for n in missing],
            [self.texts[n] for n in missing],
            self.batch_size,
            [[denied[n]] for n in missing] if corrections else (),
            title,
            guidance=self.guidance(strength),
            seed=seed,
        )
        for number, mask in zip(missing, found, strict=True):
            self.masks[names[number]] = mask
            self.progress.append('answers', {names[number]: _encode(mask)})
        return [self.masks[name] for name in names]

    def guidance(self, strength: float) -> InstructGuidance:
        """Figure 2's shorthand: away from the correction, as far towards the text."""
        own = self.predictor.model.guidance
        return replace(own, text=own.text + strength, correction=strength)


def _encode(mask: np.ndarray) -> str:
    _, data = cv2.imencode('.png', mask.astype(np.uint8))
    return base64.b64encode(data.tobytes()).decode()


def _decode(text: str) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(text), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) == 1


def truth(item: dict) -> np.ndarray:
    """The mask of an item (H, W), bool."""
    return item['data_samples'].gt_sem_seg.data[0].numpy() == 1


def count(found: np.ndarray, expected: np.ndarray) -> tuple[int, int]:
    """Pixels of intersection and union."""
    return int((found & expected).sum()), int((found | expected).sum())


def iou(found: np.ndarray, expected: np.ndarray) -> float:
    """Intersection over union; 0 if both are empty."""
    inside, union = count(found, expected)
    return inside / max(union, 1)
