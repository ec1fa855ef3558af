from __future__ import annotations

import json

from diffmm.studies import write_report


def test_report_is_printed_and_kept(tmp_path, capsys):
    write_report(tmp_path, 'mIoU  12.34\n', dict(mean=12.34))
    assert capsys.readouterr().out == 'mIoU  12.34\n\n'
    assert (tmp_path / 'table.txt').read_text() == 'mIoU  12.34\n'
    assert json.loads((tmp_path / 'summary.json').read_text()) == dict(mean=12.34)


def test_a_later_report_takes_the_place_of_an_earlier(tmp_path):
    for mean in (1, 2):
        write_report(tmp_path, f'{mean}\n', dict(mean=mean))
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        'summary.json',
        'table.txt',
    ]
    assert (tmp_path / 'table.txt').read_text() == '2\n'
