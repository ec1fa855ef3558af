"""Files of RefCOCO, RefCOCO+ and RefCOCOg."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

GUIDE = 'docs/refcoco.md says where to get it and where to put it'
_FIELDS = {'ref_id', 'ann_id', 'image_id', 'split', 'sentences'}
# Errors that unpickling damaged bytes raises.
_DAMAGE = (pickle.UnpicklingError, EOFError, ValueError, TypeError)
_DAMAGE += (LookupError, AttributeError, OverflowError)


class PlainUnpickler(pickle.Unpickler):
    """Unpickler of lists, dicts, tuples, text and numbers, and nothing else.

    A pickle may name any function of any module and call it. A downloaded file must
    not, so every name is refused.
    """

    def find_class(self, module: str, name: str) -> NoReturn:
        """Refuses every name.

        Raises:
            pickle.UnpicklingError: Always.
        """
        raise pickle.UnpicklingError(
            f'it asks for {module}.{name}, and only lists, dicts, text and numbers are '
            'allowed; get the file from its publisher again'
        )


def read_plain_pickle(path: str | Path) -> Any:
    """Reads a pickle of plain data.

    Args:
        path: A file of any protocol. Text that Python 2 wrote as bytes is UTF-8.

    Returns:
        Content of the file.

    Raises:
        ValueError: The file is damaged, no pickle, or holds more than plain data.
    """
    with Path(path).open('rb') as file:
        try:
            return PlainUnpickler(file, encoding='utf-8').load()
        except _DAMAGE as error:
            raise ValueError(
                f'{path} is damaged or holds no plain data: {error}'
            ) from error


@dataclass(frozen=True)
class ReferringAnnotations:
    """References of a data set, with their pictures and objects.

    A reference is an object with all sentences that people wrote for it: a dict with
    ``ref_id``, ``ann_id``, ``image_id``, ``split`` and ``sentences``. The cleaned text
    of a sentence is its entry ``sent``.

    Args:
        path: The file of the references.
        refs: The references.
        images: Pictures by their ids, in COCO's form.
        annotations: Objects by their ids, in COCO's form.
    """

    path: Path
    refs: list[dict]
    images: dict[int, dict]
    annotations: dict[int, dict]

    @classmethod
    def read(cls, folder: str | Path, split_by: str) -> ReferringAnnotations:
        """Reads ``refs(<split_by>).p`` and ``instances.json`` of a folder.

        Args:
            folder: Folder of one data set, such as ``data/refer/refcoco``.
            split_by: Author of the split: ``unc``, ``google`` or ``umd``.

        Returns:
            Its content.

        Raises:
            FileNotFoundError: A file is missing.
            ValueError: A file is damaged or has another form.
        """
        folder = Path(folder)
        path, instances = folder / f'refs({split_by}).p', folder / 'instances.json'
        if not path.is_file():
            found = sorted(item.name for item in folder.glob('refs(*).p'))
            hint = f'{folder} holds {found}, choose split_by so' if found else GUIDE
            raise FileNotFoundError(f'{path} does not exist; {hint}')
        if not instances.is_file():
            raise FileNotFoundError(f'{instances} does not exist; {GUIDE}')
        images, annotations = _read_instances(instances)
        return cls(path, _read_refs(path), images, annotations)

    @property
    def splits(self) -> Counter:
        """Number of references by the name of their split in the file."""
        return Counter(ref['split'] for ref in self.refs)

    def select(self, split: str) -> list[dict]:
        """Selects the references of a split as the released evaluation does.

        Args:
            split: ``train`` or ``val``; ``test`` for all test references; ``testA``,
                ``testB`` or ``testC`` for those with that letter, of which a reference
                may have several (``testAB``).

        Returns:
            The references, in the order of the file.

        Raises:
            ValueError: There are none.
        """
        refs = [ref for ref in self.refs if _belongs(ref['split'], split)]
        if not refs:
            raise ValueError(
                f'{self.path} has no references of split {split!r}; it has '
                f'{dict(sorted(self.splits.items()))}'
            )
        return refs

    def resolve(self, ref: dict) -> tuple[dict, dict]:
        """Finds picture and object of a reference.

        Args:
            ref: One of the references.

        Returns:
            The picture and the object.

        Raises:
            ValueError: One of them is absent, or the object is in another picture.
        """
        image = self.images.get(ref['image_id'])
        annotation = self.annotations.get(ref['ann_id'])
        for name, key, found in (
            ('picture', 'image_id', image),
            ('object', 'ann_id', annotation),
        ):
            if found is None:
                raise ValueError(
                    f'reference {ref["ref_id"]} of {self.path} points to {name} '
                    f'{ref[key]}, which instances.json beside it does not hold; take '
                    'both files from the same download'
                )
        if annotation['image_id'] != ref['image_id']:
            raise ValueError(
                f'reference {ref["ref_id"]} of {self.path} is about picture '
                f'{ref["image_id"]}, but its object {ref["ann_id"]} is in picture '
                f'{annotation["image_id"]}; take both files from the same download'
            )
        return image, annotation


def _belongs(name: str, split: str) -> bool:
    """Tells if a reference's split is part of the wanted one."""
    if split == 'test':
        return name.startswith('test')
    if split in ('testA', 'testB', 'testC'):
        return name.startswith('test') and split[-1] in name[len('test') :]
    return name == split


def _read_refs(path: Path) -> list[dict]:
    refs = read_plain_pickle(path)
    if not isinstance(refs, list):
        raise ValueError(f'{path} must hold a list, got {type(refs).__name__}')
    for number, ref in enumerate(refs):
        missing = _FIELDS - set(ref if isinstance(ref, dict) else ())
        if missing:
            raise ValueError(f'entry {number} of {path} lacks {sorted(missing)}')
        for sentence in ref['sentences']:
            if not isinstance(sentence, dict) or 'sent' not in sentence:
                raise ValueError(
                    f'reference {ref["ref_id"]} of {path} has a sentence without '
                    f'"sent": {sentence!r}'
                )
    return refs


def _read_instances(path: Path) -> tuple[dict[int, dict], dict[int, dict]]:
    try:
        content = json.loads(path.read_text(encoding='utf-8-sig'))
        return tuple(
            {row['id']: row for row in content[name]}
            for name in ('images', 'annotations')
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f'{path} is no COCO file with "images" and "annotations": {error!r}'
        ) from error
