from collections import Counter
from itertools import islice

import pytest
from mmengine.dataset import DefaultSampler, InfiniteSampler
from mmengine.registry import DATA_SAMPLERS
from torch.utils.data import ConcatDataset

DATA = ConcatDataset([range(7), range(5)])


def build(data=DATA, batch_size=2, shares=(0.75, 0.25), rank=0, size=1, seed=0):
    sampler = InfiniteSampler(data, seed=seed)
    sampler.rank, sampler.world_size = rank, size
    return DATA_SAMPLERS.build(
        dict(
            type='SourceBatchSampler',
            sampler=sampler,
            batch_size=batch_size,
            shares=shares,
        )
    )


def test_a_batch_has_one_source_and_sources_have_their_shares():
    batches = list(islice(build(), 2000))
    sources = [{index >= 7 for index in batch} for batch in batches]
    assert all(len(source) == 1 for source in sources)
    assert sum(source.pop() for source in sources) / 2000 == pytest.approx(
        0.25, abs=0.03
    )
    seen = Counter(index for batch in batches for index in batch)
    # Every source is gone through evenly, in an order that changes.
    for indices in (range(7), range(7, 12)):
        assert max(seen[i] for i in indices) - min(seen[i] for i in indices) <= 1


def test_two_processes_draw_what_one_draws():
    one = islice(build(batch_size=4), 50)
    two = zip(*(islice(build(rank=rank, size=2), 50) for rank in (0, 1)), strict=True)
    for whole, (first, second) in zip(one, two, strict=True):
        assert [*whole[::2], *whole[1::2]] == [*first, *second]


def test_the_seed_decides():
    same, again, other = (list(islice(build(seed=s), 20)) for s in (1, 1, 2))
    assert same == again != other


@pytest.mark.parametrize(
    ('options', 'error', 'message'),
    [
        (dict(data=range(5)), TypeError, 'ConcatDataset .* got range'),
        (dict(shares=(1.0,)), ValueError, '2 data sets need as many shares'),
        (dict(batch_size=0), ValueError, 'batch_size .* from 1 on, got 0'),
        (dict(batch_size='abc'), ValueError, "from 1 on, got 'abc'"),
        (dict(shares=(0.9, 0.2)), ValueError, r'sum to 1, got \(0.9, 0.2\)'),
    ],
    ids=str,
)
def test_what_does_not_fit(options, error, message):
    with pytest.raises(error, match=message):
        build(**options)


def test_a_sampler_that_ends_is_refused():
    with pytest.raises(TypeError, match='InfiniteSampler.*DefaultSampler'):
        DATA_SAMPLERS.build(
            dict(
                type='SourceBatchSampler',
                sampler=DefaultSampler(DATA),
                batch_size=2,
                shares=(0.5, 0.5),
            )
        )
