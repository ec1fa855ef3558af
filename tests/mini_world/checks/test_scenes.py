from collections import Counter

import pytest

from diffmm.mini_world.checks import consistency
from diffmm.mini_world.checks.scenes import Verdict, check_scenes


def test_any_number_of_processes_finds_the_same(monkeypatch):
    def check(rendered):
        yield None
        yield f'{len(rendered.scene.objects)} objects'

    monkeypatch.setitem(consistency.CHECKS, 'boxes', check)
    one, two = (check_scenes('val', 20, 3, 64, workers) for workers in (1, 2))
    assert one == two and one.scenes == 20
    assert one.checked['boxes'] == 40 and one.wrong == Counter(boxes=20)
    assert [index for index, _ in one.messages] == list(range(20))


def test_verdicts_add_up():
    verdict = Verdict(1, Counter(boxes=2), Counter(), [])
    verdict.add(Verdict(2, Counter(boxes=1), Counter(boxes=1), [(5, 'wrong')]))
    assert verdict == Verdict(3, Counter(boxes=3), Counter(boxes=1), [(5, 'wrong')])


def test_settings_are_checked_first():
    with pytest.raises(ValueError, match='between 64 and 512 pixels, got 9'):
        check_scenes('val', 1, size=9)
