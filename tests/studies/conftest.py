from __future__ import annotations

import pytest

# They log the number that the config holds and copy the config, as MMEngine does;
# `fail = True` fails, `stop = True` ends before the validation.
TRAIN = """
import json, pathlib, runpy, sys
cfg = runpy.run_path(sys.argv[1])
work = pathlib.Path(sys.argv[sys.argv.index('--work-dir') + 1])
print('training', sys.argv)
if cfg.get('fail'):
    sys.exit(3)
log = work / 'now' / 'vis_data' / 'scalars.json'
log.parent.mkdir(parents=True, exist_ok=True)
rows = [dict(step=step, mIoU=cfg['value'] * step) for step in (1, 2)]
log.write_text('' if cfg.get('stop') else '\\n'.join(map(json.dumps, rows)))
(work / pathlib.Path(sys.argv[1]).name).write_text('dumped = True')
(work / 'last_checkpoint').write_text('two.pth')
"""
TEST = """
import json, pathlib, runpy, sys
cfg = runpy.run_path(sys.argv[1])
work = pathlib.Path(sys.argv[sys.argv.index('--work-dir') + 1])
assert sys.argv[2] == 'two.pth'
(work / 'now').mkdir(parents=True, exist_ok=True)
(work / 'now' / 'now.json').write_text(json.dumps(dict(mIoU=-cfg['value'])))
"""


@pytest.fixture
def scripts(tmp_path):
    """A folder of ``train.py`` and ``test.py`` that do next to nothing."""
    folder = tmp_path / 'scripts'
    folder.mkdir()
    (folder / 'train.py').write_text(TRAIN)
    (folder / 'test.py').write_text(TEST)
    return folder
