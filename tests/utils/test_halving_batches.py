import pytest
import torch

from diffmm.utils.halving_batches import HalvingBatches

OUT_OF_MEMORY = [
    torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB.'),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 8 bytes"),
]


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(
        'diffmm.utils.halving_batches.print_log',
        lambda line, *_, **__: lines.append(line),
    )
    return lines


@pytest.mark.parametrize('error', OUT_OF_MEMORY)
def test_a_batch_that_does_not_fit_is_halved_once_and_for_all(error, said):
    tried = []

    def run(items):
        tried.append(len(items))
        if len(items) > 2:
            raise error
        return [item * 10 for item in items]

    batches = HalvingBatches(8, 'windows_per_batch')
    for _ in range(2):
        assert list(batches(run, range(5))) == [0, 10, 20, 30, 40]
    assert tried == [5, 2, 2, 1, 2, 2, 1]
    assert said == ['Not enough memory for windows_per_batch=5: continuing with 2']


def test_what_no_smaller_batch_can_help_is_raised(said):
    def run(items):
        raise OUT_OF_MEMORY[0]

    with pytest.raises(torch.OutOfMemoryError):
        list(HalvingBatches(4, 'views')(run, range(9)))
    assert len(said) == 2
    # Two pictures of one window each cannot be divided here.
    with pytest.raises(torch.OutOfMemoryError):
        list(HalvingBatches(4, 'views')(run, range(9), rows=3))

    def fail(items):
        raise RuntimeError('sizes differ')

    with pytest.raises(RuntimeError, match='sizes differ'):
        list(HalvingBatches(4, 'views')(fail, range(9)))


@pytest.mark.parametrize('size', [0, -1, 2.5, None])
def test_a_size_that_is_none(size):
    with pytest.raises(
        ValueError, match=f'views must be a positive integer, got {size}'
    ):
        HalvingBatches(size, 'views')
