import pytest

from diffmm.datasets import SketchRetrievalDataset

CLASSES = 'sea turtle 0\nowl 1\n'


def touch(root, rows):
    """The pictures of a list."""
    for row in rows.removeprefix('\ufeff').splitlines():
        path = root / row.rpartition(' ')[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        if path != root:
            path.touch()


def build(root, rows, classes=CLASSES, **options):
    touch(root, rows)
    (root / 'list.txt').write_text(rows)
    (root / 'classes.txt').write_text(classes)
    return SketchRetrievalDataset(
        'list.txt', 'classes.txt', data_root=str(root), **options
    )


def test_paths_and_names_may_have_spaces(tmp_path):
    dataset = build(tmp_path, 'sketch/sea turtle/a b.png 0\nsketch/owl/1.png 1\n')
    assert dataset.metainfo['classes'] == ('sea turtle', 'owl')
    first = dataset.get_data_info(0)
    assert first['img_path'] == str(tmp_path / 'sketch/sea turtle/a b.png')
    assert first['gt_label'] == 0 and len(dataset) == 2
    # Some class files have no labels, some text a byte order mark in front.
    dataset = build(tmp_path, '\ufeffa.png 1\n', '\ufeffsea turtle\nowl\n')
    assert dataset.get_data_info(0)['img_path'] == str(tmp_path / 'a.png')
    assert dataset.metainfo['classes'] == ('sea turtle', 'owl')


@pytest.mark.parametrize(
    ('rows', 'message'),
    [
        ('', 'list.txt is empty'),
        ('a.png\n', r"list.txt:1 must be a path and a label, got 'a.png'"),
        ('a.png one\n', r'list.txt:1 must be a path and a label'),
        ('a.png 2\n', r'has the label 2, but classes.txt has 2 classes'),
    ],
)
def test_malformed_lists_are_refused(tmp_path, rows, message):
    with pytest.raises(ValueError, match=message):
        build(tmp_path, rows)


def test_another_split_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match='has 2 classes, not 21; it belongs to another'
    ):
        build(tmp_path, 'a.png 0\n', num_classes=21)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='classes.txt does not exist'):
        SketchRetrievalDataset('list.txt', 'classes.txt', data_root=str(tmp_path))
    build(tmp_path, 'c.png 0\nowl/a.png 1\nowls/b.png 0\n')
    (tmp_path / 'owls' / 'b.png').rename(tmp_path / 'd.png')
    (tmp_path / 'owl' / 'a.png').unlink()
    # When the list is read, not when a training comes to the picture.
    message = r'owl/a.png does not exist, but .*:2 names it below data_root=.* 2 are'
    with pytest.raises(FileNotFoundError, match=message):
        SketchRetrievalDataset('list.txt', 'classes.txt', data_root=str(tmp_path))


def test_lists_by_role_come_in_order(tmp_path):
    (tmp_path / 'sketches.txt').write_text('a.png 0\n')
    (tmp_path / 'photos.txt').write_text('b.jpg 1\nc.jpg 0\n')
    touch(tmp_path, 'a.png 0\nb.jpg 1\nc.jpg 0\n')
    lists = dict(query='sketches.txt', gallery='photos.txt')
    (tmp_path / 'classes.txt').write_text(CLASSES)
    options = dict(class_file='classes.txt', data_root=str(tmp_path))
    dataset = SketchRetrievalDataset(lists, **options)
    roles = [dataset.get_data_info(index)['role'] for index in range(len(dataset))]
    assert roles == ['query', 'gallery', 'gallery']
    assert dataset.get_data_info(2)['line'].endswith('photos.txt:2')
    with pytest.raises(ValueError, match="roles of .*got {'photo'"):
        SketchRetrievalDataset(dict(photo='photos.txt'), **options)
