import pickle

from diffmm.datasets.mini_world.ade20k_layout import Ade20kLayout
from diffmm.datasets.mini_world.scene_job import SceneJob


def test_makes_exactly_the_scenes_it_is_given(tmp_path):
    layout = Ade20kLayout(tmp_path)
    for split in ('train', 'val'):
        for folder in layout.folders(split):
            folder.mkdir(parents=True)
    job = pickle.loads(pickle.dumps(SceneJob(tmp_path, 'ade20k', seed=1, size=64)))
    scenes = [('train', 4), ('val', 0)]
    assert job(scenes) == 2
    written = {path for path in tmp_path.rglob('*') if path.is_file()}
    assert written == {path for scene in scenes for path in layout.files(*scene)}
