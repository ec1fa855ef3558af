"""The import of mmpretrain 1.2 beside transformers 5."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def without_multimodal_models() -> Iterator[None]:
    """Lets mmpretrain be imported without its models of pictures and text.

    It imports them wherever pycocotools and transformers are installed, and they name
    what transformers 5 no longer has, so all of mmpretrain fails. Within this context
    it takes pycocotools for missing, and its own placeholders stand for these models.
    """
    try:
        metadata = import_module('importlib_metadata')
    except ImportError:  # one of mmpretrain's own requirements: it is not installed
        yield
        return
    original = metadata.distribution

    def distribution(name: str) -> Any:
        if name == 'pycocotools':
            raise metadata.PackageNotFoundError(name)
        return original(name)

    metadata.distribution = distribution
    try:
        yield
    finally:
        metadata.distribution = original
