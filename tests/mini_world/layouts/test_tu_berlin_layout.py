def test_it_holds_the_objects_of_sketchy(worlds):
    ours, sketchy = worlds / 'tu_berlin', worlds / 'sketchy/256x256'
    for folder, other in (('png_ready', 'sketch'), ('ImageResized_ready', 'photo')):
        expected = {
            path.relative_to(sketchy / other / 'tx_000000000000_ready'): path
            for path in (sketchy / other).rglob('*.*')
        }
        found = {
            path.relative_to(ours / folder): path
            for path in (ours / folder).rglob('*.*')
        }
        assert found.keys() == expected.keys() and found
        for name, path in found.items():
            assert path.read_bytes() == expected[name].read_bytes()
