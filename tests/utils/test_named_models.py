"""Models on a command line, each under a name."""

import argparse

import pytest

from diffmm.utils.named_models import add_models_option, read_named_models


def test_models_are_read_in_their_order(tmp_path):
    file = tmp_path / 'iter_5.pth'
    file.touch()
    parser = argparse.ArgumentParser()
    add_models_option(parser, '; all have one test set')
    args = parser.parse_args(['--model', f'late=b.py,{file}', '--model', 'mini=a,name'])
    assert read_named_models(args.model) == {
        'late': ('b.py', str(file)),
        'mini': ('a', 'name'),
    }
    assert 'one test set' in parser.format_help()


@pytest.mark.parametrize(
    'models, error, message',
    [
        (['plain'], ValueError, "NAME=CONFIG,CHECKPOINT, got 'plain'"),
        (['a=b.py'], ValueError, "got 'a=b.py'"),
        (['a=b,c', 'a=d,e'], ValueError, "two models are named 'a'"),
        (['a=b.py,gone.pth'], FileNotFoundError, 'no checkpoint at gone.pth'),
    ],
)
def test_what_names_no_model(models, error, message):
    with pytest.raises(error, match=message):
        read_named_models(models)
