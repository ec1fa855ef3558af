from diffmm.mini_world.layouts.reader import Part, Reader


def test_a_part_adds_to_the_config():
    reader = Reader(
        dict(type='A', lazy_init=True),
        {'train': Part(dict(ann_file='a'), 3), 'val': Part(dict(ann_file='b'), 2)},
    )
    first = dict(type='A', data_root='x', lazy_init=True, ann_file='a')
    assert reader.build_config('x') == first
    assert reader.build_config('x', 'val') == {**first, 'ann_file': 'b'}
