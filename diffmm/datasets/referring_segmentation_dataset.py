"""Referring image segmentation."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.registry import DATASETS

from .referring_annotations import GUIDE, ReferringAnnotations


@DATASETS.register_module()
class ReferringSegmentationDataset(BaseDataset):
    """RefCOCO, RefCOCO+ or RefCOCOg (G-Ref) for segmentation pipelines.

    In training an item is a reference, an object with all its sentences, of which
    ``DrawExpression`` takes one at every visit: an epoch counts references, not
    sentences (VPD's released code). With ``test_mode`` an item is a sentence, and all
    are scored. The text is the cleaned one (``sent``).

    mmdetection's ``RefCocoDataset`` reads the same files, but its items are pictures
    with all their objects, it draws the sentences once for the whole training, keeps
    one reference of an object that has several, takes the raw text, and unpickles
    whatever the file asks for.

    An item has ``img_path``, ``height``, ``width``, ``segmentation`` (COCO's form, see
    ``LoadReferringMask``), ``ref_id`` and ``expressions``; with ``test_mode``
    ``expression`` and ``sent_id`` instead of the last.

    Args:
        data_root: Folder that holds a folder for each data set and the pictures.
        dataset: Folder of the data set: ``refcoco``, ``refcoco+`` or ``refcocog``.
        split_by: Who split it: ``unc`` (RefCOCO, RefCOCO+), ``umd`` (RefCOCOg) or
            ``google``.
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
            The items, see the class. Sentences without text are left out with one
            warning, which counts them.
        """
        folder = Path(self.data_root or '.') / self.dataset
        annotations = ReferringAnnotations.read(folder, self.split_by)
        refs = annotations.select(self.split)
        pictures = Path(self.data_prefix['img_path'])
        if not pictures.is_dir():
            raise FileNotFoundError(f'{pictures} does not exist; {GUIDE}')
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
        """Items of a reference: one a sentence in a test, else one if there is any."""
        if self.test_mode:
            return [
                dict(common, expression=item['sent'], sent_id=item.get('sent_id'))
                for item in sentences
            ]
        texts = [item['sent'] for item in sentences]
        return [dict(common, expressions=texts)] if texts else []
