"""NYUv2's depth maps, by the lists of the original splits."""

from __future__ import annotations

import re
import warnings
from pathlib import Path, PurePosixPath

from mmengine.dataset import BaseDataset
from mmengine.logging import print_log
from mmengine.registry import DATASETS

PREPARATION = 'docs/depth.md says how to prepare NYUv2'
_POLICIES = ('substring', 'exact')

# In the order of the rows of VPD's nyu_class_embeddings.pth.
# fmt: off
SCENES = (
    'printer_room', 'bathroom', 'living_room', 'study', 'conference_room', 'study_room',
    'kitchen', 'home_office', 'bedroom', 'dinette', 'playroom', 'indoor_balcony',
    'laundry_room', 'basement', 'excercise_room', 'foyer', 'home_storage', 'cafe',
    'furniture_store', 'office_kitchen', 'student_lounge', 'dining_room',
    'reception_room', 'computer_lab', 'classroom', 'office', 'bookstore',
)
# fmt: on


@DATASETS.register_module()
class NYUDepthListDataset(BaseDataset):
    """Pictures and depth maps named by a list, with the name of their scene.

    A line of the list names a picture and a depth map below one folder::

        /kitchen_0028b/rgb_00045.jpg /kitchen_0028b/sync_depth_00045.png

    These are the lists of VPD, Meta Prompts and others: 24,231 lines for training,
    below ``nyu_depth_v2/sync``, and 654 for testing, below
    ``nyu_depth_v2/official_splits/test``. A third column, the focal length in some
    lists, is ignored. For mmsegmentation's ``images`` and ``annotations`` there is its
    own ``NYUDataset``; the transform ``SceneFromCategory`` gives its samples their
    scene.

    The pipeline is mmsegmentation's. Pack the key ``scene`` for a text prompt::

        dict(type='PackSegInputs', meta_keys=('img_path', ..., 'scene'))

    Args:
        ann_file: The list.
        data_prefix: ``img_path`` is the folder that the list's paths start from.
        scene_policy: How the scene of a picture is found among the classes.
            ``'substring'``: the first class that ``<folder>_<file>`` contains. VPD's
            released code does so, and the order of the classes makes studies of its
            study rooms, kitchens of its office kitchens and offices of its NYU offices.
            ``'exact'``: the text before the first digit, as mmsegmentation's
            ``NYUDataset`` does; NYU offices are then an unknown scene.
        unknown_scene: Name for a scene that is none of the classes.
            ``SceneNamePrompt(unknown='mean')`` takes the mean of all scenes for it.
            None makes it an error.
        expected_lines: Number of lines that the list must have; another one is warned
            of. None does not check.
        **kwargs: Of ``mmengine.dataset.BaseDataset``; ``data_root`` above all.

    Raises:
        ValueError: On an unknown policy, a malformed or empty list, or an unknown scene
            without a name for it.
        FileNotFoundError: If the list is missing, or, when it is read, a picture or
            depth map.
    """

    METAINFO: dict = dict(classes=SCENES)

    def __init__(
        self,
        ann_file: str,
        scene_policy: str = 'substring',
        unknown_scene: str | None = None,
        expected_lines: int | None = None,
        **kwargs,
    ) -> None:
        if scene_policy not in _POLICIES:
            raise ValueError(
                f'scene_policy must be one of {_POLICIES}, got {scene_policy!r}'
            )
        self.scene_policy = scene_policy
        self.unknown_scene = unknown_scene
        self.expected_lines = expected_lines
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the list.

        Returns:
            Per picture ``img_path``, ``depth_map_path``, ``scene``, ``category_id`` (-1
            for an unknown scene), the ``line`` of the list, and what mmsegmentation's
            transforms expect.
        """
        path = Path(self.ann_file)
        if not path.is_file():
            raise FileNotFoundError(f'the list {path} does not exist; {PREPARATION}')
        rows = path.read_text(encoding='utf-8').splitlines()
        scenes = self.metainfo['classes']
        samples = [
            self._read(row, f'{path}:{number}', scenes)
            for number, row in enumerate(rows, start=1)
            if row.strip()
        ]
        if not samples:
            raise ValueError(f'the list {path} is empty; {PREPARATION}')
        self._report(samples, path)
        return samples

    def prepare_data(self, idx: int) -> object:
        """Runs the pipeline on one picture.

        Args:
            idx: Its number.

        Returns:
            What the pipeline makes of it.

        Raises:
            FileNotFoundError: The picture or its depth map is missing.
        """
        info = self.get_data_info(idx)
        for key in ('img_path', 'depth_map_path'):
            if not Path(info[key]).is_file():
                raise FileNotFoundError(
                    f'{info[key]} does not exist, but {info["line"]} names it; '
                    f'{PREPARATION}'
                )
        return self.pipeline(info)

    def _read(self, row: str, where: str, scenes: tuple[str, ...]) -> dict:
        columns = row.split()
        if len(columns) not in (2, 3):
            raise ValueError(
                f'{where} must read "/scene/rgb_x.jpg /scene/sync_depth_x.png", got '
                f'{row.strip()[:120]!r}'
            )
        image, depth = (column.lstrip('/') for column in columns[:2])
        scene = find_scene(image, scenes, self.scene_policy)
        if scene is None and self.unknown_scene is None:
            raise ValueError(
                f'{where}: scene_policy={self.scene_policy!r} finds none of the '
                f'{len(scenes)} scenes in {image!r} ({", ".join(scenes)}). Give '
                'unknown_scene a name, or take the other policy'
            )
        folder = Path(self.data_prefix['img_path'])
        return dict(
            img_path=str(folder / image),
            depth_map_path=str(folder / depth),
            scene=self.unknown_scene if scene is None else scene,
            category_id=-1 if scene is None else scenes.index(scene),
            line=where,
            seg_fields=[],
        )

    def _report(self, samples: list[dict], path: Path) -> None:
        if self.expected_lines not in (None, len(samples)):
            warnings.warn(
                f'{path} has {len(samples):,} lines, the known split has '
                f'{self.expected_lines:,}; figures will not compare. '
                'expected_lines=None accepts any number',
                stacklevel=2,
            )
        unknown = sum(sample['category_id'] < 0 for sample in samples)
        if unknown:
            print_log(
                f'{path}: {unknown:,} of {len(samples):,} pictures show an unknown '
                f'scene, called {self.unknown_scene!r}',
                logger='current',
            )


def find_scene(path: str, scenes: tuple[str, ...], policy: str) -> str | None:
    """Finds the scene that a picture shows by its path.

    Args:
        path: Such as ``kitchen_0028b/rgb_00045.jpg``.
        scenes: Names to look for.
        policy: ``'substring'`` or ``'exact'``, see `NYUDepthListDataset`.

    Returns:
        One of ``scenes``, or None.
    """
    folder, name = PurePosixPath(path).parent.name, PurePosixPath(path).name
    if policy == 'substring':
        text = f'{folder}_{name}'
        return next((scene for scene in scenes if scene in text), None)
    # mmsegmentation's converter calls this file kitchen_0028b_00045.jpg.
    text = re.split(r'_?\d', f'{folder}_{name.removeprefix("rgb_")}', maxsplit=1)[0]
    return text if text in scenes else None
