from __future__ import annotations

from mmengine.config import Config

from diffmm.studies import train_from_both_weights

BASE = """
value = 3
model = dict(type='Detector', backbone=dict(arch='mini', pretrained='mini'))
"""


def test_arms_differ_in_the_weights_alone(tmp_path, scripts):
    base, work_dir = tmp_path / 'base.py', tmp_path / 'work'
    base.write_text(BASE)
    # The scripts of the test read a config without its base.
    results = train_from_both_weights(
        base, work_dir, 'mIoU', scripts, seeds=[0, 5], more='value = 4'
    )
    assert results == {'pre-trained': [8, 8], 'random': [8, 8]}
    arms = [
        Config.fromfile(work_dir / f'{arm}_seed5' / 'configs/run.py') for arm in results
    ]
    folders = [cfg.model.backbone.pop('pretrained') for cfg in arms]
    assert folders[1] == str(work_dir / 'random') != folders[0]
    assert arms[0]._to_lazy_dict() == arms[1]._to_lazy_dict()
    assert arms[0].randomness.seed == 5 and arms[0].model.type == 'Detector'
