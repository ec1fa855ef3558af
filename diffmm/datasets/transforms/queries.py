"""Transforms that make queries of the hosts' annotated pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

from diffmm.utils.class_names import BACKGROUND, resolve_class_names
from diffmm.utils.instructions import INSTRUCTIONS, TASKS, instruct

IGNORED = 255  # label of pixels without a class


class _TaskTransform(BaseTransform):
    """Base class: what both transforms know of a task and its classes."""

    def __init__(
        self, task: str, name: str | None, *classes: object, named: bool
    ) -> None:
        if task not in TASKS:
            raise ValueError(f'task must be one of {TASKS}, got {task!r}')
        self.task = task
        self.name = name or task
        self.classes = resolve_class_names(*classes) if named else ()

    def _present(self, results: dict) -> list[int]:
        """Labels of the classes that the annotation shows, without the background."""
        key = dict(
            segmentation='gt_seg_map',
            detection='gt_bboxes_labels',
            classification='gt_label',
        )[self.task]
        if key not in results:
            raise ValueError(
                f'{results.get("img_path")} has no {key!r}, which queries for '
                f'{self.task} are made of: place {type(self).__name__} behind the '
                'transform that loads the annotation'
            )
        labels = np.asarray(results[key])
        if self.task == 'detection' and 'gt_ignore_flags' in results:
            labels = labels[~np.asarray(results['gt_ignore_flags'], bool)]
        found = [label for label in np.unique(labels).tolist() if label != IGNORED]
        if found and found[-1] >= len(self.classes):
            raise ValueError(
                f'the annotation of {results.get("img_path")} has the label '
                f'{found[-1]}, but {type(self).__name__} knows {len(self.classes)} '
                'classes; give it the classes of the data set'
            )
        return [label for label in found if self.classes[label] != BACKGROUND]


@TRANSFORMS.register_module()
class DrawQuery(_TaskTransform):
    """Draws one query of a picture: an instruction about one class, and its answer.

    InstructCV's queries (section 3.1): depth of all pixels; the mask, or the boxes, of
    one class; or whether a class is there, answered by a color. The released code lists
    all pairs of a picture and a class that it shows; here a class is drawn at every
    visit.

    It draws from NumPy's global generator, like the transforms of the hosts. Place it
    behind what loads, resizes and flips, and before the packing transform, whose
    ``meta_keys`` need ``task`` and ``instruction``, and ``answer`` for classification.

    Required keys: none for depth; ``gt_seg_map`` (H, W); ``gt_bboxes`` and
    ``gt_bboxes_labels``; or ``gt_label``. Modified keys: the same, of the class alone:
    ``gt_seg_map`` is 1 on its pixels and 0 elsewhere. Added keys: ``task``,
    ``instruction``; ``answer``, a color, for classification.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(dict(
        ...     type='DrawQuery', task='segmentation', classes=['sky', 'tree']))
        >>> labels = numpy.array([[1, 255], [1, 255]])
        >>> results = transform(dict(img_path='a.jpg', gt_seg_map=labels))
        >>> 'tree' in results['instruction'], results['gt_seg_map'].tolist()
        (True, [[1, 0], [1, 0]])

    Args:
        task: ``'depth'``, ``'segmentation'``, ``'detection'`` or ``'classification'``.
        dataset: Registered name of a data set class whose ``METAINFO`` has ``classes``.
        classes: The class names themselves, instead of ``dataset``. The class
            "background" is never asked for.
        absent: Share of the queries about a class that the picture does not show. Their
            answer is an empty mask, no box, or the other color. InstructCV's released
            code: 0, for classification half. A picture without any class gets one.
        colors: Colors of the two answers of classification are two of these.
        name: What ``task`` says, if the model has several data sets of one task.

    Raises:
        ValueError: The task or the classes are unknown, or the share is not in [0, 1].
    """

    def __init__(
        self,
        task: str,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        absent: float = 0.0,
        colors: Sequence[str] = ('red', 'green', 'blue', 'yellow', 'white', 'black'),
        name: str | None = None,
    ) -> None:
        super().__init__(task, name, dataset, classes, named=task != 'depth')
        if not 0 <= absent <= 1:
            raise ValueError(f'absent must be a share from 0 to 1, got {absent}')
        if len(set(colors)) < 2:
            raise ValueError(f'two answers need two colors, got {tuple(colors)}')
        self.absent = absent
        self.colors = tuple(colors)

    def transform(self, results: dict) -> dict:
        """Draws a query.

        Args:
            results: With the annotation of the task.

        Returns:
            The same with the query.

        Raises:
            ValueError: The annotation is missing, or has a label without a name.
        """
        sentences = INSTRUCTIONS[self.task]
        sentence = sentences[np.random.randint(len(sentences))]
        words = {}
        if self.task != 'depth':
            label, shown = self._draw_class(self._present(results))
            words['name'] = self.classes[label]
            words |= getattr(self, f'_answer_{self.task}')(results, label, shown)
        results['task'] = self.name
        results['instruction'] = instruct(sentence, **words)
        return results

    def _draw_class(self, present: list[int]) -> tuple[int, bool]:
        absent = [
            label
            for label, name in enumerate(self.classes)
            if label not in present and name != BACKGROUND
        ]
        shown = bool(present) and (not absent or np.random.rand() >= self.absent)
        labels = present if shown else absent
        return labels[np.random.randint(len(labels))], shown

    def _answer_segmentation(self, results: dict, label: int, shown: bool) -> dict:
        mask = results['gt_seg_map'] == label
        results['gt_seg_map'] = mask.astype(np.uint8)
        return {}

    def _answer_detection(self, results: dict, label: int, shown: bool) -> dict:
        keep = np.asarray(results['gt_bboxes_labels']) == label
        for key in ('gt_bboxes', 'gt_bboxes_labels', 'gt_ignore_flags'):
            if key in results:
                results[key] = results[key][keep]
        return {}

    def _answer_classification(self, results: dict, label: int, shown: bool) -> dict:
        first, second = np.random.permutation(len(self.colors))[:2]
        yes, no = self.colors[first], self.colors[second]
        results['answer'] = yes if shown else no
        return dict(yes=yes, no=no)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(task={self.task!r}, {len(self.classes)} classes, '
            f'absent={self.absent}, colors={self.colors})'
        )


@TRANSFORMS.register_module()
class NameTask(_TaskTransform):
    """Names the task of a picture that is tested.

    The model asks for it itself, class by class (see `GeneralistPerceptor`). With
    ``present`` it asks for the classes that the annotation shows, and for no other, as
    InstructCV's released evaluation does: an oracle, which hides every class that the
    model sees where there is none.

    Required keys: with ``present`` the annotation of the task, as for `DrawQuery`.
    Added keys: ``task``; with ``present`` ``query_labels``. The packing transform's
    ``meta_keys`` need them.

    Example:
        >>> import numpy
        >>> transform = TRANSFORMS.build(dict(
        ...     type='NameTask', task='segmentation', classes=['sky', 'tree', 'car'],
        ...     present=True))
        >>> labels = numpy.array([[2, 255], [0, 0]])
        >>> transform(dict(gt_seg_map=labels))['query_labels']
        (0, 2)

    Args:
        task: As for `DrawQuery`.
        dataset: As for `DrawQuery`; needed with ``present``.
        classes: The same.
        present: Ask for the classes that the annotation shows only.
        name: As for `DrawQuery`.

    Raises:
        ValueError: The task or the classes are unknown.
    """

    def __init__(
        self,
        task: str,
        dataset: str | None = None,
        classes: Sequence[str] | None = None,
        present: bool = False,
        name: str | None = None,
    ) -> None:
        self.present = present and task != 'depth'
        super().__init__(task, name, dataset, classes, named=self.present)

    def transform(self, results: dict) -> dict:
        """Names the task.

        Args:
            results: A picture.

        Returns:
            The same with the task.

        Raises:
            ValueError: With ``present``: the annotation is missing, or has a label
                without a name.
        """
        results['task'] = self.name
        if self.present:
            results['query_labels'] = tuple(self._present(results))
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(task={self.task!r}, present={self.present})'
