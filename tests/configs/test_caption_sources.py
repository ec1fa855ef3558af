"""Where captions come from: pixels, or ground truth that calls itself an oracle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from diffmm.mini_world.layouts import LAYOUTS
from tests.configs.shipped import PATHS, plain

# Folder of a drawn data set that holds the generator's own captions.
(FOLDER,) = {
    entry
    for layout in LAYOUTS.values()
    for entry in layout.top_entries
    if entry == 'captions'
}


def caption_files(value: object) -> Iterator[PurePath]:
    """Caption files in any depth of a config."""
    if isinstance(value, dict):
        # Helper variables of configs have no file yet.
        if value.get('type') == 'LoadCaption' and 'ann_file' in value:
            yield PurePath(value['ann_file'])
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from caption_files(part)


def is_drawn(path: PurePath) -> bool:
    """Says whether the generator of the mini world wrote a caption file."""
    return path.parent.name == FOLDER and path.parts[1].startswith('mini_')


def test_captions_are_written_from_pixels_or_called_an_oracle():
    readers = {name: {*caption_files(plain(name))} for name in PATHS}
    assert sum(map(bool, readers.values())) > 50
    wrong = [
        name
        for name, files in readers.items()
        if any(map(is_drawn, files)) and 'oracle' not in name
    ]
    assert not wrong


def test_the_rule_tells_them_apart():
    assert is_drawn(PurePath('data/mini_nyu/captions/nyuv2_captions.json'))
    assert not is_drawn(PurePath('data/nyu/captions/nyuv2_captions.json'))
    assert not is_drawn(PurePath('data/mini_captions/nyu.json'))
