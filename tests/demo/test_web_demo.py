from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests import tiny
from tests.apis.test_referring import CONFIG
from tests.untrained import write_untrained


@pytest.fixture
def demo(repo_root):
    path = repo_root / 'demo' / 'web_demo.py'
    spec = importlib.util.spec_from_file_location('web_demo', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def trained(tmp_path):
    text = CONFIG.format(arch=tiny.ARCHITECTURE, correction=0.0)
    config, checkpoint = write_untrained(tmp_path, text)
    return ['--config', config, '--checkpoint', checkpoint]


@pytest.mark.slow
def test_it_serves_and_cleans_up_when_it_is_killed(trained, repo_root, tmp_path):
    pytest.importorskip('gradio', reason='the page needs gradio: make demo installs it')
    process = subprocess.Popen(
        [sys.executable, 'demo/web_demo.py', *trained, '--port', '7931'],
        cwd=repo_root,
        env={**os.environ, 'TMPDIR': str(tmp_path), 'PYTHONPATH': str(repo_root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = next(line for line in process.stdout if 'http://' in line)
        assert line.startswith('http://127.0.0.1:7931/')
        with urllib.request.urlopen(line.split()[0], timeout=20) as response:
            assert b'DiffMM' in response.read()
        assert list(tmp_path.glob('diffmm-page-*'))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 128 + signal.SIGTERM
    finally:
        process.kill()
    assert not list(tmp_path.glob('diffmm-page-*'))


def test_bad_arguments(demo, trained):
    pytest.importorskip('gradio', reason='the page needs gradio: make demo installs it')
    with pytest.raises(SystemExit, match='belong together; give both'):
        demo.main(trained[:2])
    with pytest.raises(SystemExit, match="http.* address, got 'localhost'"):
        demo.main([*trained, '--endpoint', 'localhost'])


def test_without_gradio_it_says_how_to_get_it(demo, monkeypatch):
    monkeypatch.setitem(sys.modules, 'gradio', None)
    for name in [name for name in sys.modules if name.startswith('diffmm.page.')]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit, match=r'needs gradio.*pip install "diffmm\[demo\]"'):
        demo.main([])
