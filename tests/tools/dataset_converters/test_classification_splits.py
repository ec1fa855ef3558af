"""Split files of ImageNet and FGVC Aircraft."""

import pytest

from diffmm.utils.split_file import read_split_file


@pytest.fixture(scope='module')
def tool(load_tool):
    return load_tool('dataset_converters/classification_splits')


@pytest.fixture
def imagenet(tmp_path):
    (tmp_path / 'classnames.txt').write_text('n02 missile\nn01 great white shark\n')
    for part, folder, name in (
        ('train', 'n01', 'a.JPEG'),
        ('train', 'n02', 'b.JPEG'),
        ('val', 'n01', 'c.JPEG'),
        ('val', 'n02', 'd.JPEG'),
    ):
        path = tmp_path / 'images' / part / folder / name
        path.parent.mkdir(parents=True)
        path.touch()
    return tmp_path


def test_imagenet_by_its_folders(tool, imagenet, capsys):
    out = imagenet / 'split.json'
    tool.main(['imagenet', str(imagenet), str(out)])
    assert '2 classes, 2 train, 0 val, 2 test' in capsys.readouterr().out
    split = read_split_file(out)
    # In the order of the folders, not of the lines.
    assert split.classes == ('great white shark', 'missile')
    assert split.rows['test'][1] == ('val/n02/d.JPEG', 1, 'missile')


def test_two_folders_of_one_name_need_another(tool, imagenet):
    (imagenet / 'classnames.txt').write_text('n01 missile\nn02 missile\n')
    argv = ['imagenet', str(imagenet), str(imagenet / 'split.json')]
    with pytest.raises(SystemExit, match="'missile' has the labels 0 and 1"):
        tool.main(argv)
    tool.main([*argv, '--rename', 'n02=projectile'])
    assert read_split_file(imagenet / 'split.json').classes[1] == 'projectile'
    with pytest.raises(SystemExit, match=r"renamed and not there: \['n03'\]"):
        tool.main([*argv, '--rename', 'n03=projectile'])


def test_aircraft_by_its_lists(tool, tmp_path):
    (tmp_path / 'variants.txt').write_text('707-320\nA340 300\n')
    for part, line in (('train', '1 707-320'), ('val', '2 A340 300'), ('test', '')):
        (tmp_path / f'images_variant_{part}.txt').write_text(f'{line}\n')
    out = tmp_path / 'split.json'
    tool.main(['aircraft', str(tmp_path), str(out)])
    assert read_split_file(out).rows['val'] == [('2.jpg', 1, 'A340 300')]
    (tmp_path / 'images_variant_test.txt').write_text('3 Concorde\n')
    with pytest.raises(
        SystemExit, match='test.txt:1 must be a picture and one of the 2'
    ):
        tool.main(['aircraft', str(tmp_path), str(out)])
