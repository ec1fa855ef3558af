import logging

import pytest

from diffmm.utils import bfloat16


@pytest.fixture
def processor(monkeypatch, tmp_path):
    """Writes what the system says of the processor."""

    def write(text):
        path = tmp_path / 'cpuinfo'
        path.write_text(text)
        monkeypatch.setattr(bfloat16, '_CPU_INFO', path)
        forget()

    def forget():
        bfloat16.computes_bfloat16.cache_clear()
        bfloat16.say_if_slow.cache_clear()

    yield write
    forget()


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('flags\t\t: fpu sse2 amx_bf16 avx512_bf16 amx_tile\n', True),
        ('model name\t: bf16\nflags\t\t: fpu avx512f avx512_bf16\n', True),
        ('processor\t: 0\nFeatures\t: fp asimd bf16\n', True),
        ('flags\t\t: fpu avx2\n', False),
        ('processor\t: 0\n', False),
    ],
)
def test_instructions_of_the_processor(processor, text, expected):
    processor(text)
    assert bfloat16.computes_bfloat16() is expected


def test_a_system_that_does_not_say(processor, monkeypatch, tmp_path):
    processor('')
    monkeypatch.setattr(bfloat16, '_CPU_INFO', tmp_path / 'none')
    assert bfloat16.computes_bfloat16() is False


def test_a_processor_without_them_is_named_once(processor, monkeypatch):
    said = []
    monkeypatch.setattr(bfloat16, 'print_log', lambda *args: said.append(args))
    processor('flags\t\t: fpu avx2\n')
    for device in ('cuda', 'cpu', 'cpu'):
        bfloat16.say_if_slow(device)
    ((text, _, level),) = said
    assert 'many times slower than float32' in text and level == logging.WARNING
    processor('flags\t\t: amx_bf16\n')
    bfloat16.say_if_slow('cpu')
    assert len(said) == 1
