import cv2
import pytest

from diffmm.mini_world.parallel import run_batches


def double(number):
    if number == 13:
        raise OSError(28, 'No space left on device')
    return 2 * number


@pytest.mark.parametrize('workers', [1, 2])
def test_every_job_is_done(workers):
    jobs = [(double, number) for number in range(5)]
    assert sorted(run_batches(jobs, workers)) == [0, 2, 4, 6, 8]
    assert list(run_batches([], workers)) == []


@pytest.mark.parametrize('workers', [1, 2])
def test_an_error_reaches_the_caller(workers):
    threads = cv2.getNumThreads()
    with pytest.raises(OSError, match='No space left'):
        list(run_batches([(double, 13), (double, 1)], workers))
    assert cv2.getNumThreads() == threads
