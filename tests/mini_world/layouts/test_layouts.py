import pytest

from diffmm.mini_world.drawing.styles import STYLES
from diffmm.mini_world.layouts import (
    ALL_LAYOUTS,
    LAYOUTS,
    check_layout,
)
from diffmm.mini_world.layouts.layout import RECORDS, Layout
from diffmm.mini_world.manifest import FILE_NAME


def test_the_readme_counts_them(repo_root):
    """All layouts but `image_caption` are those of real data sets."""
    numbers = ('twenty-five', 'twenty-six', 'twenty-seven', 'twenty-eight')
    number = numbers[len(set(LAYOUTS) - {'image_caption'}) - 25]
    text = (repo_root / 'README.md').read_text()
    assert (
        f'{number} layouts of real data sets and as a list of captioned pictures'
        in text
    )


def test_known_layouts_pass():
    for name in (*LAYOUTS, ALL_LAYOUTS):
        check_layout(name)


def test_unknown_layout_is_named_with_the_choices():
    with pytest.raises(
        ValueError, match=r"'ade21k', choose from \['ade20k', 'ade847', 'all'"
    ):
        check_layout('ade21k')


@pytest.mark.parametrize('name', LAYOUTS)
def test_a_layout_owns_every_entry_that_it_writes(worlds, name):
    layout = LAYOUTS[name]
    assert issubclass(layout, Layout) and layout.default_style in STYLES
    entries = {path.name for path in (worlds / name).iterdir()}
    assert entries == {*layout.top_entries, RECORDS, FILE_NAME}
