"""Use of the layouts of the mini world: each is read by a config."""

from __future__ import annotations

import re
from pathlib import Path

from diffmm.mini_world.layouts import LAYOUTS
from tests.configs.shipped import ROOT, plain

# Rows of the table of layouts: names first, configs last.
ROW = re.compile(r'^\| (`[^|]*) \|.*\| ([^|]*\.py\)[^|]*) \|$', re.MULTILINE)


def test_every_layout_of_a_data_set_is_read_by_the_config_beside_it():
    text = (ROOT / 'docs' / 'datasets.md').read_text()
    users = {
        name: {Path(path).stem for path in re.findall(r'\((\S+\.py)\)', last)}
        for first, last in ROW.findall(text)
        for name in re.findall(r'`(\w+)`', first)
    }
    # `image_caption` is the form of a user's own pictures.
    assert set(users) == set(LAYOUTS) - {'image_caption'}
    read = {
        name: any(re.search(rf'data/mini_{name}\b', str(plain(user))) for user in names)
        for name, names in users.items()
    }
    assert all(read.values()), read
