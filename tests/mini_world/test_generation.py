import multiprocessing
import os
import pickle
import signal
import time

import cv2
import numpy as np
import pytest

from diffmm.mini_world import generate, generation
from diffmm.mini_world.generation import (
    SceneJob,
    count_scenes,
    generate_worlds,
    world_settings,
)
from diffmm.mini_world.layouts import LAYOUTS
from diffmm.mini_world.manifest import Manifest
from diffmm.mini_world.scenes.sampler import MAX_SCENES
from diffmm.utils.atomic import write_atomically

SETTINGS = dict(num_train=40, num_val=5, size=64, seed=5)


def files(root):
    return {
        path.relative_to(root): path.read_bytes()
        for path in root.rglob('*')
        if path.is_file()
    }


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp('world') / 'deep' / 'world'
    assert generate(root, **SETTINGS) == 45
    return root


def test_all_files_are_there_and_the_manifest_is_complete(world):
    # Picture, mask and record of every scene; captions and manifest.
    assert len(files(world)) == 3 * 45 + 2
    assert Manifest.read(world).status == 'complete'


def test_two_processes_give_the_same_bytes(world, tmp_path):
    generate(tmp_path / 'two', workers=2, **SETTINGS)
    assert files(tmp_path / 'two') == files(world)


def test_another_seed_gives_other_pictures(world, tmp_path):
    generate(tmp_path / 'other', **{**SETTINGS, 'seed': 6})
    ours, others = files(world), files(tmp_path / 'other')
    assert ours.keys() == others.keys()
    assert all(ours[name] != others[name] for name in ours)
    # Captions of records and summary differ as well.
    assert sum(name.suffix == '.json' for name in ours) == 47


def test_a_rerun_draws_nothing(tmp_path):
    generate(tmp_path, num_train=3, num_val=1, size=64)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob('*.*g')}
    assert len(before) == 8
    assert generate(tmp_path, num_train=3, num_val=1, size=64) == 0
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_rerun_draws_what_is_missing_or_empty(world, tmp_path):
    generate(tmp_path, **SETTINGS)
    (tmp_path / 'images/training/ADE_train_00000002.jpg').unlink()
    (tmp_path / 'annotations/validation/ADE_val_00000005.png').write_bytes(b'')
    (tmp_path / 'images/training/.ADE_train_00000003.jpg.77.tmp').write_bytes(b'half')
    assert generate(tmp_path, **SETTINGS) == 2
    assert files(tmp_path) == files(world)


def test_an_error_in_the_middle_leaves_whole_files_and_a_rerun_completes(
    world, tmp_path, monkeypatch
):
    class DiskFull(SceneJob):
        def __call__(self, scenes):
            if scenes[0][1] >= 16:
                raise OSError(28, 'No space left on device')
            return super().__call__(scenes)

    monkeypatch.setattr(generation, 'SceneJob', DiskFull)
    threads = cv2.getNumThreads()
    with pytest.raises(OSError, match='No space left'):
        generate(tmp_path, **SETTINGS)
    assert cv2.getNumThreads() == threads
    monkeypatch.undo()
    assert Manifest.read(tmp_path).status == 'incomplete'
    complete = files(world)
    written = {name: data for name, data in files(tmp_path).items() if name.parent.name}
    assert len(written) == 48
    assert all(complete[name] == data for name, data in written.items())
    assert generate(tmp_path, workers=2, **SETTINGS) == 45 - 16
    assert files(tmp_path) == complete


def generate_in_session(*args, **kwargs):
    # A session of its own, so that the test can kill it with its workers.
    os.setsid()
    generate(*args, **kwargs)


KILLED = dict(num_train=600, num_val=0, size=64, seed=5)


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp('whole')
    generate(root, **KILLED)
    return files(root)


@pytest.mark.parametrize('workers', [1, 2])
def test_a_killed_run_can_be_completed(tmp_path, whole, workers):
    root, settings = tmp_path / 'killed', dict(KILLED, workers=workers)
    process = multiprocessing.get_context('fork').Process(
        target=generate_in_session, args=(root,), kwargs=settings
    )
    process.start()
    images = root / 'images/training'
    deadline = time.monotonic() + 60
    while not (images.is_dir() and len(list(images.iterdir())) > 20):
        assert time.monotonic() < deadline and process.is_alive()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    assert Manifest.read(root).status == 'incomplete'
    assert 0 < generate(root, **settings) < 600
    assert files(root) == whole


def test_a_foreign_folder_is_refused_and_untouched(tmp_path):
    (tmp_path / 'thesis.tex').write_text('years of work')
    with pytest.raises(FileExistsError, match=r"\['thesis.tex'\].*--overwrite"):
        generate(tmp_path, **SETTINGS)
    assert [path.name for path in tmp_path.iterdir()] == ['thesis.tex']


def test_a_world_of_other_settings_is_refused_and_untouched(world):
    before = files(world)
    with pytest.raises(FileExistsError, match='seed: 5 -> 6.*--overwrite'):
        generate(world, **{**SETTINGS, 'seed': 6})
    assert files(world) == before


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / 'world').write_text('')
    with pytest.raises(FileExistsError, match='world is a file; name a folder'):
        generate(tmp_path / 'world', **SETTINGS)


def test_overwrite_replaces_the_world_and_spares_other_files(tmp_path):
    generate(tmp_path, num_train=4, num_val=2, size=64)
    (tmp_path / 'notes.txt').write_text('keep')
    assert generate(tmp_path, num_train=2, num_val=1, size=64, overwrite=True) == 3
    assert (tmp_path / 'notes.txt').read_text() == 'keep'
    assert len(list(tmp_path.rglob('*.jpg'))) == 3
    assert Manifest.read(tmp_path).num_train == 2


def test_overwrite_replaces_a_damaged_manifest(tmp_path):
    (tmp_path / 'mini_world.json').write_text('{')
    with pytest.raises(ValueError, match='not valid JSON'):
        generate(tmp_path, num_train=1, num_val=0, size=64)
    assert generate(tmp_path, num_train=1, num_val=0, size=64, overwrite=True) == 1


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(layout='cocoo'), "unknown layout 'cocoo'"),
        (dict(style='oil'), "unknown style 'oil', choose from .*'watercolor'"),
        (dict(num_val=MAX_SCENES + 1), 'num_val must not exceed'),
        (dict(layout='nighttime_driving', num_val=0), 'num_val 0: nothing to draw'),
        (dict(size=32), 'got 32'),
        (dict(seed=-1), 'seed must not be negative, got -1'),
        (dict(num_train=-2), 'num_train must not be negative, got -2'),
        (dict(num_train=0, num_val=0), 'nothing to draw'),
        (dict(workers=0), 'workers must be at least 1, got 0'),
    ],
)
def test_bad_settings_are_refused_before_anything_is_written(
    tmp_path, settings, message
):
    with pytest.raises(ValueError, match=message):
        generate(tmp_path / 'world', **settings)
    assert not (tmp_path / 'world').exists()


ALL = dict(layout='all', num_train=6, num_val=4, size=64, seed=2)


@pytest.fixture(scope='module')
def all_worlds(tmp_path_factory):
    root = tmp_path_factory.mktemp('all') / 'worlds'
    assert generate(root, **ALL) == count_scenes('all', 6, 4)
    return root


def test_all_layouts_are_complete_worlds_in_folders_of_their_names(all_worlds):
    assert {path.name for path in all_worlds.iterdir()} == {*LAYOUTS, 'mini_world.json'}
    assert Manifest.read(all_worlds).layout == 'all'
    for folder in (all_worlds, *(all_worlds / name for name in LAYOUTS)):
        assert Manifest.read(folder).status == 'complete'
    test_only = {'nighttime_driving', 'eth3d', 'scannet', 'diode'}
    assert count_scenes('all', 6, 4) == 6 * len(set(LAYOUTS) - test_only) + 4 * len(
        LAYOUTS
    )


def test_two_processes_give_the_same_bytes_in_every_layout(all_worlds, tmp_path):
    generate(tmp_path / 'two', workers=2, **ALL)
    assert files(tmp_path / 'two') == files(all_worlds)


@pytest.mark.parametrize('name', LAYOUTS)
def test_a_layout_alone_is_the_same_as_among_all(all_worlds, tmp_path, name):
    generate(tmp_path, **{**ALL, 'layout': name})
    assert files(tmp_path) == files(all_worlds / name)


def test_all_layouts_can_be_completed_and_replaced(all_worlds, tmp_path):
    generate(tmp_path, **ALL)
    (tmp_path / 'refcoco/refcoco/instances.json').unlink()
    (tmp_path / 'coop/split_zhou_MiniWorld.json').write_bytes(b'')
    next((tmp_path / 'kitti/raw_data').rglob('*.png')).unlink()
    assert generate(tmp_path, **ALL) == 1
    assert files(tmp_path) == files(all_worlds)
    with pytest.raises(FileExistsError, match="layout: 'all' -> 'coco'.*--overwrite"):
        generate(tmp_path, **{**ALL, 'layout': 'coco'})
    (tmp_path / 'notes.txt').write_text('keep')
    generate(tmp_path, overwrite=True, **{**ALL, 'num_train': 1, 'num_val': 0})
    assert (tmp_path / 'notes.txt').exists()
    assert not (tmp_path / 'nighttime_driving').exists()
    assert len(list(tmp_path.glob('coco/*/*.jpg'))) == 1


def test_a_summary_does_not_exist_before_every_scene_does(tmp_path, monkeypatch):
    class DiskFull(SceneJob):
        def __call__(self, scenes):
            super().__call__(scenes[:3])
            raise OSError(28, 'No space left on device')

    settings = dict(layout='coco', num_train=5, num_val=2, size=64)
    monkeypatch.setattr(generation, 'SceneJob', DiskFull)
    with pytest.raises(OSError, match='No space left'):
        generate(tmp_path, **settings)
    monkeypatch.undo()
    assert len(list(tmp_path.glob('train2017/*.jpg'))) == 3
    assert not (tmp_path / 'annotations').exists()
    assert generate(tmp_path, **settings) == 4
    assert len(list((tmp_path / 'annotations').glob('*.json'))) == 6


def test_the_style_changes_pictures_only(tmp_path):
    settings = dict(layout='ade20k', num_train=2, num_val=1, size=64)
    generate(tmp_path / 'day', **settings)
    generate(tmp_path / 'night', style='night', **settings)
    day, night = files(tmp_path / 'day'), files(tmp_path / 'night')
    different = {name.suffix for name in day if day[name] != night[name]}
    assert different == {'.jpg', '.json'}
    changed = [name for name in day if day[name] != night[name]]
    assert len(changed) == 3 + 1  # The pictures and the manifest.
    with pytest.raises(FileExistsError, match="style: 'night' -> None"):
        generate(tmp_path / 'night', **settings)


@pytest.mark.parametrize('name', ['ade20k', 'nyu'])
def test_makes_exactly_the_scenes_it_is_given(tmp_path, name):
    layout = LAYOUTS[name](tmp_path)
    layout.prepare()
    world = tmp_path, world_settings(name, seed=1, size=64)
    job = pickle.loads(pickle.dumps(SceneJob((world,))))
    scenes = [('train', 4), ('val', 0)]
    assert job(scenes) == 2
    assert all(layout.is_complete(*scene) for scene in scenes)
    records = sorted(path.name for path in tmp_path.glob('records/*/*.json'))
    assert records == ['00000000.json', '00000004.json']


def test_draws_in_the_style(tmp_path):
    images = []
    for style in (None, 'night'):
        root = tmp_path / str(style)
        world = root, world_settings(seed=1, size=64, style=style)
        SceneJob((world,))([('val', 0)])
        path = root / 'images/validation/ADE_val_00000001.jpg'
        images.append(cv2.imread(str(path)).astype(int))
    assert np.mean(images[0]) > 1.5 * np.mean(images[1])


def test_several_worlds_are_drawn_at_once(all_worlds, tmp_path, monkeypatch):
    rendered = []
    render = generation.Renderer.render
    monkeypatch.setattr(
        generation.Renderer,
        'render',
        lambda self, scene: rendered.append(scene) or render(self, scene),
    )
    settings = {key: value for key, value in ALL.items() if key != 'layout'}
    worlds = {
        tmp_path / name: world_settings(name, **settings)
        for name in ('ade20k', 'coco', 'cityscapes', 'nyu')
    }
    assert generate_worlds(worlds) == 40
    # Each scene, and for each a scene of the other place.
    assert len(rendered) == 20 and len(set(rendered)) == 20
    for root in worlds:
        assert files(root) == files(all_worlds / root.name)
    assert generate_worlds(worlds) == 0


def test_of_several_worlds_none_is_drawn_if_one_is_refused(tmp_path):
    (tmp_path / 'b').mkdir()
    (tmp_path / 'b/thesis.tex').write_text('years of work')
    worlds = {tmp_path / name: world_settings(**SETTINGS) for name in 'ab'}
    with pytest.raises(FileExistsError, match=r'b holds .*thesis.tex'):
        generate_worlds(worlds)
    assert not (tmp_path / 'a').exists()


@pytest.mark.parametrize('name', LAYOUTS)
def test_every_layout_refuses_the_folder_of_another_one(all_worlds, name):
    other = 'coco' if name != 'coco' else 'voc'
    with pytest.raises(FileExistsError, match=f"layout: '{name}' -> '{other}'"):
        generate(all_worlds / name, **{**ALL, 'layout': other})


@pytest.mark.parametrize('name', LAYOUTS)
def test_every_layout_survives_a_full_disk(all_worlds, tmp_path, monkeypatch, name):
    settings = {**ALL, 'layout': name}
    written = []

    def full(path, data):
        if len(written) == 7:
            raise OSError(28, 'No space left on device', str(path))
        written.append(path)
        write_atomically(path, data)

    monkeypatch.setattr('diffmm.mini_world.layouts.layout.write_atomically', full)
    with pytest.raises(OSError, match='No space left on device'):
        generate(tmp_path, **settings)
    monkeypatch.undo()
    complete = files(all_worlds / name)
    assert len(written) == 7 and Manifest.read(tmp_path).status == 'incomplete'
    assert all(
        complete[path.relative_to(tmp_path)] == path.read_bytes() for path in written
    )
    assert 0 < generate(tmp_path, **settings)
    assert files(tmp_path) == complete
