"""The import of mmpretrain 1.2 beside transformers 5."""

from __future__ import annotations

from importlib import import_module

from ..utils.host_import import IMPORT_FAILURES


def leave_out_multimodal_models() -> None:
    """Lets ``mmpretrain.models`` be imported without its models of pictures and text.

    mmpretrain imports them wherever pycocotools and transformers are installed. They
    name functions that transformers 5 has moved, so all of it fails, and mmdetection
    with it, which looks for mmpretrain. Its own placeholders stand for them instead.
    """
    try:
        dependency = import_module('mmpretrain.utils.dependency')
        modeling = import_module('transformers.modeling_utils')
    except IMPORT_FAILURES:  # not installed, or broken: what needs it will say so
        return
    if not hasattr(modeling, 'find_pruneable_heads_and_indices'):
        dependency.WITH_MULTIMODAL = False
