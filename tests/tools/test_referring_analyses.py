"""Commands that examine referring perceptors: codecs, expressions, corrections."""

from __future__ import annotations

import json
import sys

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.tools.untrained_referring import write_untrained_referring

ONE_STEP = """
model['sampler'] = dict(steps=1)
test_dataloader = dict(dataset=dict(data_root={data!r}, indices=None))
"""


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Config and checkpoint of a perceptor that was not trained."""
    return write_untrained_referring(tmp_path_factory.mktemp('trained'), ONE_STEP)


@pytest.fixture(autouse=True)
def siblings(monkeypatch, repo_root):
    """A tool finds what stands beside it, as a script does."""
    monkeypatch.syspath_prepend(str(repo_root / 'tools' / 'analysis_tools'))


def test_expressions_of_both_objects(load_tool, trained, capsys):
    tool = load_tool('analysis_tools/referring_expressions')
    tool.main([*trained, '--count', '8'])
    lines = capsys.readouterr().out.splitlines()
    table = [line.split() for line in lines if line.split()]
    assert "under another's" in ' '.join(table[0])
    everything = next(row for row in table if row[0] == 'all')
    kinds = {row[0]: int(row[1]) for row in table[1:] if row[1].isdigit()}
    assert kinds.pop('all') == 8 == sum(kinds.values())
    assert set(kinds) <= {'class', 'attribute', 'position', 'relation'}
    assert all(0 <= float(value) <= 100 for value in everything[2:])


def test_errors_of_one_step(load_tool, trained, monkeypatch, capsys):
    """A model that predicts by its text alone errs under another text only."""
    tool = load_tool('analysis_tools/referring_expressions')
    predictor = tool.open_model(*trained, 'cpu', None)
    model = predictor.model
    truths = {}
    items, own = tool.read_items(predictor, False, 4)
    _, others = tool.read_items(predictor, True, 4)
    for rows, data in tool.load_batches(model, items, 1):
        truths[own[rows][0]] = tool.encode_batch(model, data)[1]
    assert not set(own) & set(others)

    def denoise(text, noisy, timesteps):
        return truths.get(text, torch.full_like(noisy, 9))

    monkeypatch.setattr(model, 'tell', lambda image, texts: texts[0])
    monkeypatch.setattr(model, 'denoise', denoise)
    options = ['--count', '4', '--batch-size', '1', '--timesteps']
    rows = tool.measure_errors(
        predictor, tool.parse_args([*trained, *options, '999', '0'])
    )
    assert [row[:2] for row in rows] == [['999', '0.000'], ['0', '0.000']]
    assert all(float(row[2]) > 1 for row in rows)
    with pytest.raises(SystemExit, match='--timesteps: from 0 to 999, got .1000.'):
        tool.main([*trained, *options, '1000'])
    tool.main([*trained, *options, '500'])
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table[-1][0] == '500' and len(table[-1]) == 3


@pytest.fixture
def asked(load_tool, trained, tmp_path):
    """The tool of corrections, and its arguments."""
    tool = load_tool('analysis_tools/correctional_guidance')
    options = ['--count', '6', '--strengths', '1', '--batch-size', '4']
    return tool, [*trained, *options, '--out-dir', str(tmp_path / 'out')]


def test_corrections(asked, tmp_path, capsys):
    tool, argv = asked
    tool.main(argv)
    printed = capsys.readouterr().out
    assert '6 sentences' in printed
    rows = [line[:24].strip() for line in printed.splitlines() if line.count('  ') > 3]
    assert rows[-4:] == [
        *('first answer', 'another seed'),
        *('correction 1, named', 'correction 1, by chance'),
    ]
    answers = json.loads((tmp_path / 'out' / 'answers.json').read_text())
    assert len(answers) == 6
    assert all(each['correction'] != each['text'] for each in answers)


def test_mended_and_broken_answers(asked):
    """Every answer is the truth, or the opposite of it."""
    tool, argv = asked
    args = tool.parse_args(argv)
    model = tool.open_model(args.config, args.checkpoint, 'cpu', None)
    questions = tool.read_questions(model.build_dataset(indices=None), args.count)
    truths = [tool.truth(question.item) for question in questions]
    first = [mask if i < 2 else ~mask for i, mask in enumerate(truths)]
    study = tool.Study(questions, first)
    after = [~truths[0], *truths[1:4], *(~mask for mask in truths[4:])]
    row = study.row('x', after)
    assert row[3:] == ['50.0', '50.0']
    # The strength that mends is drawn, wherever it stands.
    worse, better = (
        study.cases(strength, ['the sky'] * 6, masks)
        for strength, masks in ((1.0, first), (2.0, after))
    )
    drawn = study.draw(worse + better)
    assert drawn.shape[1] == 4 * 64
    assert (drawn == study.draw(better + worse)).all()
    assert study.draw(worse) is None
    # The object that an answer painted most is named, or one by chance.
    question = questions[0]
    mask, text = question.others[-1]
    assert question.painted(mask) == text and question.painted(mask & False) is None
    nothing = tool.Study(questions, [mask & False for mask in truths])
    assert nothing.named == nothing.chance and nothing.num_named == 0
    assert study.num_named == 4


def test_corrections_continue(asked, tmp_path, monkeypatch, capsys):
    """And nothing is asked twice."""
    tool, argv = asked
    module = sys.modules[tool.Answers.__module__]
    run, counts = module.answer, []

    def record(predictor, items, *args, **options):
        counts.append(len(items))
        for number, mask in enumerate(run(predictor, items, *args, **options)):
            if stop and len(counts) == 2 and number == 4:
                raise KeyboardInterrupt
            yield mask

    monkeypatch.setattr(module, 'answer', record)
    stop = True
    with pytest.raises(KeyboardInterrupt):
        tool.main(argv)
    assert counts == [6, 6]
    with pytest.raises(SystemExit, match='holds answers of other settings'):
        tool.main([*argv, '--count', '5'])
    stop = False
    counts.clear()
    tool.main(argv)
    first, seeds, named, chance = counts
    assert (first, seeds, named) == (0, 2, 6)
    answers = json.loads((tmp_path / 'out' / 'answers.json').read_text())
    assert chance < 6 and {each['number'] for each in answers} == set(range(6))
    interrupted = capsys.readouterr().out.splitlines()
    tool.main(argv)
    assert capsys.readouterr().out.splitlines() == interrupted


def test_codecs_without_the_vae(load_tool, trained, monkeypatch):
    """Where everything is kept, only the rule by color errs."""
    tool = load_tool('analysis_tools/mask_codecs')
    monkeypatch.setattr(tool, 'keep', lambda model, pictures: pictures)
    rows = tool.measure(tool.parse_args([trained[0], '--count', '5']))
    scores = {name: float(value) for name, value, _ in rows}
    by_color = [name for name in scores if 'color alone' in name]
    assert len(by_color) == 2 and len(scores) == 7
    assert min(v for n, v in scores.items() if n not in by_color) > 95
    assert max(scores[name] for name in by_color) < 95


def test_models_of_another_kind(load_tool, repo_root):
    config = str(
        repo_root / 'configs/vpd/vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128.py'
    )
    tool = load_tool('analysis_tools/referring_expressions')
    with pytest.raises(SystemExit, match='no checkpoint at gone.pth'):
        tool.main([config, 'gone.pth'])


def count_operations(functions, repeats, device):
    """Takes the place of a clock, which a busy machine disturbs."""
    found = {}
    for name, function in functions.items():
        with FlopCounterMode(display=False) as counter:
            function()
        found[name] = [counter.get_total_flops()] * repeats
    return found


def test_the_cost_of_guidance(load_tool, trained, capsys, monkeypatch):
    tool = load_tool('analysis_tools/benchmark_guidance')
    monkeypatch.setattr(tool, 'time_interleaved', count_operations)
    tool.main([trained[0], '--size', '64', '--repeats', '2'])
    ratios = {
        line.rsplit(maxsplit=2)[0]: float(line.split()[-1])
        for line in capsys.readouterr().out.splitlines()[2:]
    }
    assert ratios == {
        'the UNet alone': 1,
        'guidance off': pytest.approx(1, abs=0.1),
        'four branches in one call': pytest.approx(4, abs=0.4),
        'four branches in four calls': 4,
    }
