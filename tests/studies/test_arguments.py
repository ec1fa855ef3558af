from __future__ import annotations

import argparse
from pathlib import Path

from diffmm.studies import add_data_arguments, add_study_arguments


def test_what_is_asked_and_its_defaults():
    parser = argparse.ArgumentParser()
    add_study_arguments(parser, 'work')
    add_data_arguments(parser, 'data/mini')
    args = parser.parse_args(['--seeds', '4', '5'])
    assert vars(args) == dict(
        work_dir=Path('work'),
        seeds=[4, 5],
        processes=1,
        data=Path('data/mini'),
        num_train=4000,
        num_val=300,
    )
