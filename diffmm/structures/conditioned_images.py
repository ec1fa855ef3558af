"""Images that carry their text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

# Functions that keep the images of a batch in their order.
_KEEPS_ROWS = {
    Tensor.bfloat16,
    Tensor.clone,
    Tensor.contiguous,
    Tensor.cpu,
    Tensor.cuda,
    Tensor.detach,
    Tensor.float,
    Tensor.half,
    Tensor.to,
    F.interpolate,
    F.pad,
}
_FLIPS = {torch.flip, Tensor.flip}
_JOINS = {torch.cat, torch.concat, torch.concatenate}


class ConditionedImages(Tensor):
    """An image batch that carries one text per image.

    A host's model class passes only the images to its backbone, and may crop, flip and
    concatenate them before. A text that is bound to the tensor follows its image, so a
    backbone cannot confuse texts or use one of an earlier batch.

    Slices and selections of images, flips, padding, resizing, conversions and
    ``torch.cat`` keep the texts. Every other function returns a plain tensor, so
    features, masks and losses cost nothing extra.

    Args:
        images: Shape (B, C, H, W).
        texts: B texts.

    Attributes:
        texts: The text of every image.

    Raises:
        ValueError: If there is not one text per image.
    """

    texts: tuple[str, ...]

    @staticmethod
    def __new__(cls, images: Tensor, texts: Sequence[str]) -> ConditionedImages:
        """Binds the texts to a view of the images."""
        if isinstance(texts, str) or len(texts) != len(images):
            raise ValueError(
                f'a batch of {len(images)} images needs as many texts, got {texts!r}'
            )
        conditioned = images.as_subclass(cls)
        conditioned.texts = tuple(texts)
        return conditioned

    @classmethod
    def __torch_function__(
        cls,
        func: Callable,
        types: Sequence[type],
        args: tuple = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Runs any function of torch and passes the texts on where they apply."""
        kwargs = kwargs or {}
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **kwargs)
            if not isinstance(result, Tensor) or isinstance(result, cls):
                return result
            texts = _texts_of_result(func, args, kwargs)
            return result if texts is None else cls(result, texts)

    def plain(self) -> Tensor:
        """Returns the images without their texts, sharing memory."""
        with torch._C.DisableTorchFunctionSubclass():
            return self.as_subclass(Tensor)

    # Without these two, copies and pickles lose the texts.
    def __deepcopy__(self, memo: dict) -> ConditionedImages:
        return ConditionedImages(self.plain().clone(), self.texts)

    def __reduce_ex__(self, protocol: int) -> tuple:
        return ConditionedImages, (self.plain(), self.texts)


def plain_images(images: Tensor) -> Tensor:
    """Takes images without the texts that they may carry."""
    return images.plain() if isinstance(images, ConditionedImages) else images


def _texts_of_result(
    func: Callable, args: tuple, kwargs: Mapping[str, Any]
) -> tuple[str, ...] | None:
    """Finds the texts of a function's result; None if they do not apply."""
    images = args[0] if args else None
    if func in _JOINS:
        dim = kwargs.get('dim', args[1] if len(args) > 1 else 0)
        parts = images if isinstance(images, (tuple, list)) else ()
        if dim != 0 or not all(isinstance(part, ConditionedImages) for part in parts):
            return None
        return sum((part.texts for part in parts), ())
    if not isinstance(images, ConditionedImages):
        return None
    if func in _KEEPS_ROWS:
        return images.texts
    if func in _FLIPS:
        dims = kwargs.get('dims', args[1:])
        dims = dims[0] if dims and isinstance(dims[0], (tuple, list)) else dims
        reverse = 0 in [dim % images.ndim for dim in dims]
        return images.texts[::-1] if reverse else images.texts
    if func is Tensor.__getitem__:
        return _select(images.texts, args[1])
    return None


def _select(texts: tuple[str, ...], index: Any) -> tuple[str, ...] | None:
    """Finds the texts of the images that an index of the batch selects."""
    first = index[0] if isinstance(index, tuple) else index
    if first is Ellipsis:
        return texts
    if isinstance(first, slice):
        return texts[first]
    if isinstance(first, (list, Tensor)):
        rows = torch.arange(len(texts))[torch.as_tensor(first).cpu()]
        return tuple(texts[row] for row in rows.tolist())
    # One image without its batch dimension, or a new dimension in front.
    return None
