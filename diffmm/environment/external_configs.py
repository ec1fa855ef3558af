"""Configs of a host by name, such as ``mmseg::fcn/fcn_r50-d8_4xb4-80k_ade20k.py``."""

from __future__ import annotations

from mmengine.config import utils
from mmengine.utils import is_installed

RELEASED = 'mmsegmentation'


def find_configs_of_fork() -> None:
    """Lets ``mmseg::`` find the configs of the maintained fork's mmsegmentation.

    mmengine looks for a package ``mmsegmentation``, in its maintained fork too, where
    it is called ``onedl-mmsegmentation``. The module has the same name in both, and
    mmengine takes that as well. May be called any number of times.
    """
    if not is_installed(RELEASED) and is_installed('mmseg'):
        utils.MODULE2PACKAGE['mmseg'] = 'mmseg'
