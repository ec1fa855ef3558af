"""The kinds of data that pictures come with."""

from __future__ import annotations

from .depth_estimation import new_depth_estimation
from .detection import new_detection
from .experiment import base_config
from .request import Request
from .segmentation import new_segmentation

_KINDS = dict(masks=new_segmentation, coco=new_detection, depth=new_depth_estimation)


def new_experiment(kind: str, request: Request) -> list[str]:
    """Checks a user's data, and writes a config for them.

    Args:
        kind: ``'masks'``, ``'coco'`` or ``'depth'``.
        request: What was asked for.

    Returns:
        Lines that say what was found and written.

    Raises:
        DataError: The system has no experiment for such data, or they cannot be trained
            on as they are.
    """
    # Before files are read, which may take minutes.
    base_config(kind, request.system, request.prior)
    return _KINDS[kind](request)
