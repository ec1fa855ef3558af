import pytest
import torch

from diffmm.models.windows import average_windows, window_batches


def cut(values):
    """Predicts windows of some values."""
    return lambda windows: [values[window] for window in windows]


@pytest.mark.parametrize('per_batch', [1, 3, 100])
@pytest.mark.parametrize('shape', [(1, 1, 8, 8), (2, 3, 9, 20), (1, 1, 5, 13)])
def test_windows_cover_everything(shape, per_batch):
    values = torch.rand(shape)
    batches = window_batches(dict(windows_per_batch=per_batch))
    average = average_windows(cut(values), shape, (8, 8), (5, 4), batches)
    torch.testing.assert_close(average, values)


def test_overlaps_are_averages():
    numbers = iter([1.0, 3.0])
    average = average_windows(
        lambda windows: [torch.full((1, 1, 4, 4), next(numbers)) for _ in windows],
        (1, 1, 4, 6),
        (4, 4),
        (2, 2),
        window_batches(None),
    )
    assert average[0, 0, 0].tolist() == [1, 1, 2, 2, 3, 3]


def test_windows_of_all_pictures_count():
    lengths = []

    def predict(windows):
        lengths.append(len(windows))
        return cut(torch.ones(2, 1, 4, 20))(windows)

    for per_batch in (6, 1):
        batches = window_batches(dict(windows_per_batch=per_batch))
        average_windows(predict, (2, 1, 4, 20), (4, 4), (4, 4), batches)
    assert lengths == [3, 2, 1, 1, 1, 1, 1]
