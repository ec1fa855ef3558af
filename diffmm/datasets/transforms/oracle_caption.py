"""A transform that makes a text of the annotation of a picture."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

from diffmm.utils.class_names import (
    BACKGROUND,
    ORACLE_KEY,
    read_class_file,
    resolve_class_names,
)

_ANNOTATIONS = ('gt_seg_map', 'gt_bboxes_labels', 'gt_label')


@TRANSFORMS.register_module()
class OracleCaption(BaseTransform):
    """Writes the names of the classes that the annotation of a picture shows.

    TADP's upper bound: what if the caption named exactly the classes of the picture?
    The names stand in the order of the labels, which are those of the label map, or of
    the boxes if there is none, or the one of a picture that is classified. Place this
    transform behind ``LoadAnnotations`` and before anything that crops. (The released
    code writes its file from masks that were cropped at random.)

    Vermouth's released segmentation and classification are prompted with such texts, at
    test too: with sentences about the names, ``template``. (Its segmentation leaves the
    last class of a picture out.)

    With ``precision`` and ``recall`` (Table S2), every picture loses some of its
    classes, and gets others, so that these are the two shares on average. A picture
    keeps at least one class, and has the same text at every visit. The class
    "background" is never dropped nor added, as released. It is also the text of a
    picture without boxes.

    The text stands under a key of its own, which the model's data preprocessor refuses
    to read at test unless it is given ``oracle=True``.

    Required keys: ``img_path``, and ``gt_seg_map``, ``gt_bboxes_labels`` or
    ``gt_label``. Added keys: ``oracle_caption``, where there is none yet.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(dict(
        ...     type='OracleCaption', classes=['background', 'airplane', 'sofa']))
        >>> labels = numpy.array([[0, 2], [2, 255]])
        >>> transform(dict(img_path='a.jpg', gt_seg_map=labels))['oracle_caption']
        'background sofa'

    Args:
        dataset: Registered name of a data set class whose ``METAINFO`` has ``classes``.
        classes: The class names themselves, instead of ``dataset``.
        class_file: A file of the class names instead, see `read_class_file`.
        separator: What stands between the names; ``PresentClassPrompt`` wants ``'; '``.
        template: A sentence with ``{}`` for the names, or several, of which every
            picture has its own.
        precision: Share of the names that the picture shows, above 0.
        recall: Share of the classes of the picture that are named, above 0.
        ignore_index: Label of pixels without a class.
        seed: Seed of what is dropped and added.

    Raises:
        ValueError: A share is not in (0, 1], a template has no ``{}``, or no class
            names are known.
    """

    def __init__(
        self,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        class_file: str | None = None,
        separator: str = ' ',
        template: str | Sequence[str] = '{}',
        precision: float = 1.0,
        recall: float = 1.0,
        ignore_index: int = 255,
        seed: int = 0,
    ) -> None:
        for name, share in (('precision', precision), ('recall', recall)):
            if not 0 < share <= 1:
                raise ValueError(f'{name} must be in (0, 1], got {share}')
        templates = [template] if isinstance(template, str) else list(template)
        if not templates or not all('{}' in each for each in templates):
            raise ValueError(f"template needs '{{}}' for the names, got {template!r}")
        if class_file is None:
            self.classes = resolve_class_names(dataset, classes)
        else:
            self.classes = read_class_file(Path(class_file))
        self.separator = separator
        self.templates = templates
        self.precision = precision
        self.recall = recall
        self.ignore_index = ignore_index
        self.seed = seed

    def transform(self, results: dict) -> dict:
        """Writes the text.

        Args:
            results: With ``img_path``, and ``gt_seg_map`` of shape (H, W),
                ``gt_bboxes_labels`` of shape (N,) or ``gt_label``.

        Returns:
            The same with ``oracle_caption``.

        Raises:
            ValueError: There is no annotation, it has a label without a name, or no
                label at all.
        """
        if ORACLE_KEY in results:
            return results
        path = results['img_path']
        key = next((key for key in _ANNOTATIONS if key in results), None)
        if key is None:
            raise ValueError(
                f'{path} has no annotation to make its caption of: place OracleCaption '
                'behind LoadAnnotations, or give the picture a text'
            )
        labels = np.unique(results[key])
        labels = labels[labels != self.ignore_index].tolist()
        if key == 'gt_bboxes_labels' and not labels:
            results[ORACLE_KEY] = BACKGROUND
            return results
        if not labels or labels[-1] >= len(self.classes):
            raise ValueError(
                f'the annotation of {path} has the labels {labels} beside '
                f'{self.ignore_index}, but one or more of 0 to '
                f'{len(self.classes) - 1} are needed'
            )
        named = self._vary(labels, random.Random(f'{self.seed} {PurePath(path).name}'))
        names = [self.classes[label] for label in named]
        text = self.separator.join(names).replace('_', ' ')
        # Each picture has its own sentence, at every visit.
        rng = random.Random(f'{self.seed} template {PurePath(path).name}')
        results[ORACLE_KEY] = rng.choice(self.templates).replace('{}', text)
        return results

    def _vary(self, labels: list[int], rng: random.Random) -> list[int]:
        """Drops labels for the recall, adds others for the precision."""
        fixed = {i for i, name in enumerate(self.classes) if name == BACKGROUND}
        present = [label for label in labels if label not in fixed]
        absent = sorted(set(range(len(self.classes))) - fixed - set(labels))
        count = max(1, _round(len(present) * self.recall, rng))
        kept = rng.sample(present, min(count, len(present)))
        wrong = _round(len(kept) * (1 / self.precision - 1), rng)
        added = rng.sample(absent, min(wrong, len(absent)))
        return sorted([*fixed.intersection(labels), *kept, *added])

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}({len(self.classes)} classes, '
            f'separator={self.separator!r}, precision={self.precision}, '
            f'recall={self.recall}, seed={self.seed})'
        )


def _round(value: float, rng: random.Random) -> int:
    """Rounds up or down at random, so that the mean is kept."""
    return int(value + rng.random())
