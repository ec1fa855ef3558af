"""Tests of the side-by-side measurement."""

import math

import pytest

from diffmm.benchmark import UNetBenchmark, count_flops, tensor_bytes


def run(backbone, *parts, **options):
    """Measure one round and return the rows by name."""
    benchmark = UNetBenchmark(backbone, size=(64, 64), **options)
    return {row.name: row for row in benchmark.run(parts, repeats=1)}


@pytest.fixture(scope='module')
def backbone(build_backbone):
    return build_backbone()


@pytest.fixture(scope='module')
def rows(backbone):
    return run(backbone, 'forward', 'train', 'checkpointing', 'backbone')


def test_all_parts_give_finite_numbers(rows):
    assert list(rows) == [
        'plain forward',
        'feature forward',
        'plain training',
        'feature training',
        'feature training, checkpointed',
        'image encoder',
        'backbone forward',
    ]
    for row in rows.values():
        assert len(row.seconds) == 1
        assert min(row.seconds) > 0
        assert row.resident_bytes > 0
        assert row.activation_bytes > 0
        if row.baseline:
            plain = rows[row.baseline]
            ratios = (
                row.time_ratio(plain),
                row.peak_ratio(plain),
                row.activation_ratio(plain),
            )
            assert all(math.isfinite(ratio) and ratio > 0 for ratio in ratios)


@pytest.mark.slow
def test_refinement_steps_are_measured_beside_separate_passes(build_backbone):
    options = dict(refinement_steps=3, learned_timesteps=True, attention=None)
    rows = run(build_backbone(**options), 'refinement')
    names = ['feature training', 'feature training, checkpointed']
    kinds = ('{}', '3 separate passes of {}', '3 steps of {}')
    assert list(rows) == [
        'plain training',
        *(kind.format(name) for name in names for kind in kinds),
    ]
    single, separate, steps = (rows[kind.format(names[0])] for kind in kinds)
    assert (separate.baseline, steps.baseline) == (single.name, separate.name)
    assert separate.flops == 3 * single.flops
    assert 1 < steps.flops / separate.flops < 3.1 / 3
    # One pass after the other needs no more memory than one.
    assert separate.peak_bytes == pytest.approx(single.peak_bytes, rel=0.01)
    assert steps.activation_bytes > single.activation_bytes
    bounded = rows[f'3 steps of {names[1]}']
    assert bounded.baseline == f'3 separate passes of {names[1]}'
    assert bounded.activation_bytes < steps.activation_bytes
    # All but the timestep's MLP, which the embeddings replace.
    assert single.resident_bytes < rows['plain training'].resident_bytes


def test_one_step_is_not_refined(backbone):
    assert list(run(backbone, 'refinement')) == ['plain training']


def test_text_encoding_is_measured_on_new_texts(build_backbone, monkeypatch):
    prompt = dict(type='TextPrompt', num_tokens=8)
    backbone = build_backbone(prompt=prompt, attention=None)
    encoded = []
    encode = backbone.prompt._encode_new
    monkeypatch.setattr(
        backbone.prompt, '_encode_new', lambda new: (encoded.append(new), encode(new))
    )
    rows = run(backbone, 'text', batch_size=2)
    assert list(rows) == ['plain training', 'text encoding']
    assert 0 < rows['text encoding'].time_ratio(rows['plain training']) < 1
    texts = [text for batch in encoded[1:] for text in batch]
    assert len(texts) == len(set(texts)) >= 4


def test_resident_memory_is_parameters_gradients_and_inputs(rows, backbone):
    benchmark = UNetBenchmark(backbone, size=(64, 64))
    inputs = tensor_bytes([*benchmark.inputs, benchmark.images])
    parameters = tensor_bytes(backbone.unet.parameters())

    assert rows['feature forward'].resident_bytes == parameters + inputs
    assert rows['feature training'].resident_bytes == 2 * parameters + inputs


def test_checkpointing_saves_activations(rows):
    plain = rows['plain training']

    assert rows['feature training, checkpointed'].activation_ratio(plain) < 0.75
    assert rows['feature training'].activation_ratio(plain) == pytest.approx(1, abs=0.1)


def test_training_costs_three_forwards(rows):
    forward, training = rows['feature forward'], rows['feature training']

    assert forward.flops == pytest.approx(rows['plain forward'].flops, rel=0.05)
    assert training.flops == pytest.approx(3 * forward.flops, rel=0.05)


def test_memory_is_the_same_every_time_and_whatever_the_flag(rows, build_backbone):
    again = run(build_backbone(gradient_checkpointing=True), 'train')

    for name in ('plain training', 'feature training'):
        assert again[name].activation_bytes == rows[name].activation_bytes


@pytest.mark.usefixtures('rows')
def test_no_gradient_is_left_behind(backbone):
    assert all(p.grad is None for p in backbone.parameters())


def test_runs_in_bfloat16(backbone):
    rows = run(backbone, 'forward', precision='bf16')

    assert rows['feature forward'].median_seconds > 0


def test_odd_sizes_are_padded_as_the_backbone_pads(backbone):
    benchmark = UNetBenchmark(backbone, size=(100, 70))

    assert benchmark.inputs[0].shape == (1, 4, 16, 16)
    assert benchmark.run(['backbone'], 1)[1].median_seconds > 0


def test_nothing_to_train_is_said(build_backbone):
    prompt = dict(type='RandomPrompt', num_tokens=5)
    backbone = build_backbone(trainable='none', prompt=prompt)

    with pytest.raises(ValueError, match='trains neither'):
        run(backbone, 'train')


def test_a_trained_prompt_alone_is_enough(build_backbone):
    rows = run(build_backbone(trainable='none'), 'train')

    plain = rows['plain training']
    assert rows['feature training'].resident_bytes < plain.resident_bytes


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(precision='fp8'), 'fp8'),
        (dict(size=(0, 64)), r'\(0, 64\)'),
        (dict(batch_size=0), 'and 0'),
    ],
)
def test_bad_options_are_refused(backbone, options, message):
    with pytest.raises(ValueError, match=message):
        UNetBenchmark(backbone, **options)


@pytest.mark.parametrize('parts', [(), ('forward', 'sideways')])
def test_unknown_parts_are_refused(backbone, parts):
    benchmark = UNetBenchmark(backbone, size=(64, 64))

    with pytest.raises(ValueError, match='parts must be some of'):
        benchmark.run(parts)


def test_compiled_backbones_count_the_same(backbone, build_backbone):
    compiled = UNetBenchmark(build_backbone(compile_unet=True), size=(64, 64))
    plain = UNetBenchmark(backbone, size=(64, 64))

    assert count_flops(compiled.feature, compiled.inputs) == count_flops(
        plain.feature, plain.inputs
    )
