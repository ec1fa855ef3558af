import pytest

from diffmm.environment.finding import Finding, Status


def test_a_broken_finding_needs_a_remedy():
    with pytest.raises(ValueError, match="'mmcv' offers no remedy"):
        Finding('mmcv', Status.BROKEN, 'missing')
    assert Finding('mmcv', Status.BROKEN, 'missing', 'pip install mmcv').remedy


def test_other_findings_do_not():
    assert Finding('mmcv', Status.INFO, 'missing').remedy == ''
