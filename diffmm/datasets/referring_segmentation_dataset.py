"""Data sets of referring image segmentation."""

from __future__ import annotations

import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from .referring_annotations import GUIDE, ReferringAnnotations


@DATASETS.register_module()
class ReferringSegmentationDataset(BaseDataset):
    """RefCOCO, RefCOCO+ or RefCOCOg (G-Ref) for segmentation pipelines.

    In training an item is a reference: an object with all its sentences, of which
    ``DrawExpression`` takes one at every visit. An epoch counts references, not
    sentences, as in VPD's released code. With ``test_mode`` an item is a sentence. The
    text is the cleaned one (``sent``).

    mmdetection's ``RefCocoDataset`` reads the same files differently: an item is a
    picture with all its objects, sentences are drawn once for the whole training, an
    object keeps one reference of several, the text is the raw one, and the pickle may
    call any function.

    An item has ``img_path``, ``height``, ``width``, ``segmentation`` (COCO's form, see
    ``LoadReferringMask``), ``ref_id`` and ``expressions``. With ``test_mode`` it has
    ``expression`` and ``sent_id`` instead of ``expressions``.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='ReferringSegmentationDataset', data_root='data/refer',
        ...     dataset='refcoco', split_by='unc', split='train', lazy_init=True))
        >>> dataset.metainfo['classes']
        ('background', 'referent')

    Args:
        data_root: Folder that holds a folder for each data set and the pictures.
        dataset: Folder of the data set: ``refcoco``, ``refcoco+`` or ``refcocog``.
        split_by: Author of the split: ``unc`` (RefCOCO, RefCOCO+), ``umd`` (RefCOCOg)
            or ``google``.
        split: ``train``, ``val``, ``test``, ``testA`` or ``testB``.
        data_prefix: Folder of the pictures below ``data_root`` as ``img_path``;
            ``train2014`` if None.
        **kwargs: Of ``mmengine.dataset.BaseDataset``.

    Raises:
        FileNotFoundError: A file or the folder of pictures is missing.
        ValueError: The split has no references, or a reference points to a picture or
            object that is absent.
    """

    METAINFO = dict(
        classes=('background', 'referent'), palette=[[0, 0, 0], [220, 20, 60]]
    )

    def __init__(
        self,
        data_root: str,
        dataset: str = 'refcoco',
        split_by: str = 'unc',
        split: str = 'train',
        data_prefix: dict | None = None,
        **kwargs: Any,
    ) -> None:
        self.dataset = dataset
        self.split_by = split_by
        self.split = split
        prefix = dict(img_path='train2014') if data_prefix is None else data_prefix
        super().__init__(data_root=data_root, data_prefix=prefix, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the items of the split.

        Returns:
            The items, see the class. Sentences without text are left out, and one
            warning counts them.
        """
        folder = Path(self.data_root or '.') / self.dataset
        annotations = ReferringAnnotations.read(folder, self.split_by)
        refs = annotations.select(self.split)
        pictures = Path(self.data_prefix['img_path'])
        if not pictures.is_dir():
            raise FileNotFoundError(
                f"{pictures} does not exist, the folder of data_prefix['img_path']; "
                f'{GUIDE}'
            )
        items, empty = [], []
        for ref in refs:
            image, annotation = annotations.resolve(ref)
            sentences = [item for item in ref['sentences'] if item['sent'].strip()]
            if len(sentences) < len(ref['sentences']):
                empty.append(ref['ref_id'])
            common = dict(
                img_path=str(pictures / image['file_name']),
                height=image['height'],
                width=image['width'],
                segmentation=annotation['segmentation'],
                ref_id=ref['ref_id'],
                seg_fields=[],
            )
            items += self._items(common, sentences)
        if empty:
            warnings.warn(
                f'{annotations.path}: {len(empty)} references of split {self.split!r} '
                f'have sentences without text, which are left out, the first ones: '
                f'{empty[:5]}',
                stacklevel=2,
            )
        return items

    def _items(self, common: dict, sentences: list[dict]) -> list[dict]:
        """Items of a reference: one per sentence in a test, else one at most."""
        if self.test_mode:
            return [
                dict(common, expression=item['sent'], sent_id=item.get('sent_id'))
                for item in sentences
            ]
        texts = [item['sent'] for item in sentences]
        return [dict(common, expressions=texts)] if texts else []


@DATASETS.register_module()
class ExchangedExpressionsDataset(ReferringSegmentationDataset):
    """Control: each object gets the sentences of another object of its picture.

    A model that reads the text segments the other object and scores next to nothing. A
    model that finds whatever stands out scores as well as before. Pictures with a
    single referred object are left out. Compare with ``exchange=False``, which leaves
    out the same pictures and exchanges nothing.

    Object i of a picture gets sentences of object i + 1, the last one those of the
    first. The sentences keep their ids.

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='ExchangedExpressionsDataset', data_root='data/refer',
        ...     dataset='refcoco', split_by='unc', split='testA', lazy_init=True))

    Args:
        exchange: Exchanges the sentences.
        test_mode: Must be on: only tests have one sentence per item.
        **kwargs: Of ``ReferringSegmentationDataset``.

    Raises:
        ValueError: ``test_mode`` is off, or no picture has two referred objects.
    """

    def __init__(
        self, exchange: bool = True, test_mode: bool = True, **kwargs: Any
    ) -> None:
        if not test_mode:
            raise ValueError(
                'ExchangedExpressionsDataset is a control for tests, got '
                f'test_mode={test_mode!r}; train on ReferringSegmentationDataset'
            )
        self.exchange = exchange
        super().__init__(test_mode=test_mode, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the sentences of pictures with several referred objects.

        Returns:
            The items, see the base class.
        """
        pictures: dict[str, dict[int, list[dict]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for item in super().load_data_list():
            pictures[item['img_path']][item['ref_id']].append(item)
        items = []
        for objects in pictures.values():
            groups = list(objects.values())
            if len(groups) > 1:
                others = groups[1:] + groups[:1] if self.exchange else groups
                items += _with_texts(groups, others)
        if not items:
            raise ValueError(
                f'no picture of split {self.split!r} of {self.dataset!r} '
                f'({self.split_by}) has two referred objects to exchange sentences'
            )
        return items


def _with_texts(groups: list[list[dict]], others: list[list[dict]]) -> list[dict]:
    """Gives the items of each object the texts of another, repeated as needed."""
    return [
        dict(item, expression=other[number % len(other)]['expression'])
        for group, other in zip(groups, others, strict=True)
        for number, item in enumerate(group)
    ]
