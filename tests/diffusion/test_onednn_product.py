from __future__ import annotations

import pytest
import torch

from diffmm.diffusion import onednn_product


@pytest.mark.parametrize('vendor', ['AuthenticAMD', 'GenuineIntel', ''])
def test_mkl_is_slow_on_processors_of_amd(tmp_path, monkeypatch, vendor):
    file = tmp_path / 'cpuinfo'
    file.write_text(f'processor\t: 0\nvendor_id\t: {vendor}\n' if vendor else '')
    monkeypatch.setattr(onednn_product, 'Path', lambda name: file)
    monkeypatch.setattr(torch.backends.cpu, 'get_cpu_capability', lambda: 'AVX512')
    monkeypatch.setattr(torch.backends.mkl, 'is_available', lambda: True)
    monkeypatch.setattr(torch.backends.mkldnn, 'is_available', lambda: True)
    onednn_product._has_slow_mkl.cache_clear()
    try:
        assert onednn_product._has_slow_mkl() == (vendor == 'AuthenticAMD')
    finally:
        onednn_product._has_slow_mkl.cache_clear()
