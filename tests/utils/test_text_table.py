from diffmm.utils.text_table import format_table


def test_table_columns_are_aligned():
    table = format_table(('a', 'long title'), [('value', '1'), ('v', '22')])
    assert table.splitlines() == [
        'a      long title',
        '-----  ----------',
        'value  1',
        'v      22',
    ]


def test_markdown_columns_have_bars():
    table = format_table(('a', 'b'), [('value', '1')], markdown=True)
    assert table.splitlines() == [
        '| a     | b   |',
        '| ----- | --- |',
        '| value | 1   |',
    ]
