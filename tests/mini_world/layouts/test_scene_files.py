from diffmm.mini_world.layouts.scene_files import SceneFiles


def test_the_record_is_empty_unless_given():
    first, second = SceneFiles({'a': b'1'}), SceneFiles({})
    assert first.record == {} and first.record is not second.record
    assert list(SceneFiles({'b': b'', 'a': b''}).files) == ['b', 'a']
