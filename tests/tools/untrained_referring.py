"""An untrained model that finds things by texts, and a small world to ask it about."""

from __future__ import annotations

from pathlib import Path

from diffmm.mini_world import generate
from tests import tiny
from tests.untrained import write_untrained

ROOT = Path(__file__).resolve().parents[2]
MINI = 'configs/addp/instruct-pix2pix_mini_ris_1xb16-500_mini-refcoco-128x128.py'
CONFIG = """
_base_ = {base!r}
model = dict(arch=dict(_delete_=True, **{arch!r}), pretrained=None)
"""


def write_untrained_referring(folder: Path, more: str) -> list[str]:
    """Writes config and checkpoint; returns their paths.

    Args:
        folder: Where they go, and the world.
        more: Lines of the config, in which ``{data!r}`` is the folder of the world.
    """
    data = str(folder / 'data')
    generate(data, 'refcoco', num_train=1, num_val=3, size=64)
    text = CONFIG.format(base=str(ROOT / MINI), arch=tiny.ARCHITECTURE)
    return write_untrained(folder, text + more.format(data=data))
