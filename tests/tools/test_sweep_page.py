from __future__ import annotations

import pytest


@pytest.fixture(scope='module')
def page_of(load_tool):
    return load_tool('analysis_tools/sweep_page').format_page


def test_every_section_of_the_list_has_a_table(page_of):
    rows = {
        name: dict(config=name, host='mmseg', section=section, loss=1.0)
        for name, section in (('mmseg/a.py', 'Old ones'), ('mmseg/b.py', 'New ones'))
    }
    rows['mmseg/b.py']['error'] = 'SwapError: no'
    page = page_of({'compiled': rows}, 64)
    assert '1 of 2 shipped configs' in page
    assert page.index('## Old ones: 1 of 1') < page.index('## New ones: 0 of 1')
    # A section that ran with one kind of operators has no columns of the other.
    few = {'mmseg/a.py': rows['mmseg/a.py']}
    page = page_of({'compiled': rows, 'replaced': few}, 64)
    assert '## Old ones: 1 of 1 compiled, 1 of 1 replaced\n' in page
    assert '## New ones: 0 of 1 compiled\n' in page
    assert '| a.py | mmseg |  |  | 1 | yes | 1 | yes |\n' in page
    assert '| b.py | mmseg |  |  | 1 | SwapError |\n' in page
