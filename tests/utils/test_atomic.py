import os

import pytest

from diffmm.utils.atomic import remove_temporaries, write_atomically


def test_writes_and_replaces(tmp_path):
    path = tmp_path / 'a.png'
    write_atomically(path, b'old')
    write_atomically(path, b'new')
    assert path.read_bytes() == b'new'
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / 'a.png'
    write_atomically(path, b'old')

    def full(source, target):
        raise OSError(28, 'No space left on device', str(target))

    monkeypatch.setattr(os, 'replace', full)
    with pytest.raises(OSError, match='No space left on device.*a.png'):
        write_atomically(path, b'new')
    assert path.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [path]


def test_temporary_files_are_invisible_to_readers_and_can_be_removed(
    tmp_path, monkeypatch
):
    names = []
    monkeypatch.setattr(os, 'replace', lambda source, target: names.append(source.name))
    write_atomically(tmp_path / 'a.jpg', b'x')
    assert names[0].startswith('.') and not names[0].endswith('.jpg')
    (tmp_path / names[0]).write_bytes(b'half')
    (tmp_path / 'a.jpg').write_bytes(b'whole')
    remove_temporaries(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ['a.jpg']
