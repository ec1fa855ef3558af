from __future__ import annotations

import pytest
import torch

from diffmm.diffusion import onednn_product


@pytest.fixture
def onednn_is_faster(monkeypatch):
    """A switch: this processor multiplies faster with oneDNN, or it does not."""

    def switch(faster: bool) -> None:
        if faster and not torch.backends.mkldnn.is_available():
            pytest.skip('needs oneDNN')
        monkeypatch.setattr(onednn_product, '_has_slow_mkl', lambda: faster)
        monkeypatch.setattr(onednn_product, '_LEAST_MULTIPLY_ADDS', 0)

    switch(False)
    return switch
