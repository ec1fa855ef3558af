from pathlib import Path

from diffmm.studies import load_tables
from diffmm.studies.ranks import average_ranks, format_ranks
from diffmm.studies.report import _published_columns

ROOT = Path(__file__).parents[2]


def test_the_ranks_of_the_paper_s_table_1():
    """Of its own published figures; it prints the ranks, too.

    It prints 5.1 for Omnidata, too, whose figures do not give it.
    """
    table = load_tables(ROOT / 'configs/addp/tables.yml').find('table', '1')
    ranks = average_ranks(_published_columns(table))
    printed = {
        **{'DiverseDepth': 7.4, 'MiDaS': 7.1, 'LeReS': 5.1, 'Omnidata': 4.7},
        **{'HDN': 3.1, 'DPT': 3.8, 'Marigold': 2.4, '+ ADDP': 1.4},
    }
    assert list(ranks) == sorted(ranks, key=ranks.get)
    assert {name: round(rank, 1) for name, rank in ranks.items()} == printed


def test_rows_that_lack_a_column_have_no_rank():
    columns = [({'a': 1.0, 'b': 2.0, 'c': 1.0}, True), ({'a': 5.0, 'c': 7.0}, False)]
    assert average_ranks(columns) == {'c': 1.0, 'a': 1.5}
    assert '| c' in format_ranks(average_ranks(columns))
