"""The four ways of answering, with a tiny random perceptor on a mini RefCOCO."""

from __future__ import annotations

import json

import pytest

from diffmm.agents.outcomes import WAYS
from diffmm.mini_world import generate
from tests import tiny
from tests.apis.test_referring import CONFIG
from tests.chat_server import chat_server
from tests.untrained import write_untrained

NAME = 'analysis_tools/agent_outcomes'
DATASET = """
test_dataloader = dict(dataset=dict(
    type='ReferringSegmentationDataset', data_root={root!r}, dataset='refcoco',
    split_by='unc', split='val', test_mode=True, pipeline=[
        *test_pipeline[:2], dict(type='LoadReferringMask'), test_pipeline[2]]))
"""


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('agent')
    generate(folder / 'world', 'refcoco', num_train=2, num_val=3, size=64)
    text = CONFIG.format(arch=tiny.ARCHITECTURE, correction=0.0)
    return write_untrained(folder, text + DATASET.format(root=str(folder / 'world')))


def test_table_and_json_and_an_interruption(
    trained, load_tool, tmp_path, capsys, monkeypatch
):
    tool = load_tool(NAME)
    out = tmp_path / 'new' / 'outcomes.json'
    argv = [*trained, '--limit', '3', '--count', '2', '--out', str(out)]
    answer_all, asked = tool.answer_all_ways, []

    def interrupted(*arguments):
        asked.append(arguments[3])
        if len(asked) == 2:
            raise KeyboardInterrupt
        return answer_all(*arguments)

    monkeypatch.setattr(tool, 'answer_all_ways', interrupted)
    with pytest.raises(KeyboardInterrupt):
        tool.main(argv)
    tool.main(argv)
    # The first sentence is not answered again.
    assert len(asked) == 4 and asked[1] == asked[2] and asked[0] != asked[1]
    table = capsys.readouterr().out
    assert all(way in table for way in WAYS) and 'mended of' in table
    summary = json.loads(out.read_text())
    assert list(summary) == list(WAYS)
    assert summary['agent']['wrong'] + summary['agent']['right'] == 3
    assert list(out.parent.iterdir()) == [out]


def test_an_endpoint_is_asked(trained, load_tool, tmp_path):
    out = tmp_path / 'outcomes.json'
    with chat_server('["the sky", "a cup"]') as server:
        argv = ['--endpoint', server.url, '--endpoint-model', 'some', '--limit', '1']
        load_tool(NAME).main([*trained, *argv, '--out', str(out)])
    assert [body['model'] for _, _, body in server.requests] == ['some']
    assert out.is_file()


def test_bad_input(trained, load_tool, tmp_path):
    tool = load_tool(NAME)
    with pytest.raises(SystemExit, match='two proposers; give one'):
        tool.main([*trained, '--endpoint', 'http://x', '--language-model', 'y'])
    captions = tmp_path / 'captions.json'
    captions.write_text('{}')
    with pytest.raises(SystemExit, match='has no caption of'):
        tool.main([*trained, '--captions', str(captions), '--limit', '1'])
