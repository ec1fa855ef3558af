"""Data set of NYUv2's depth maps, by the lists of the original splits."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from mmengine.logging import print_log
from mmengine.registry import DATASETS

from .depth_list_dataset import DepthListDataset

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
class NYUDepthListDataset(DepthListDataset):
    """NYUv2: pictures and depth maps that a list names, with the name of their scene.

    A line of the list names a picture and its depth map, both below one folder::

        /kitchen_0028b/rgb_00045.jpg /kitchen_0028b/sync_depth_00045.png

    These are the lists of VPD, Meta Prompts and others: 24,231 lines for training,
    below ``nyu_depth_v2/sync``, and 654 for testing, below
    ``nyu_depth_v2/official_splits/test``. mmsegmentation's own ``NYUDataset`` reads
    another layout (``images`` and ``annotations``); the transform ``SceneFromCategory``
    gives its samples their scene.

    The pipeline is mmsegmentation's. Pack the key ``scene`` for a text prompt::

        dict(type='PackSegInputs', meta_keys=('img_path', ..., 'scene'))

    Example:
        >>> dataset = DATASETS.build(dict(
        ...     type='NYUDepthListDataset',
        ...     data_root='data/nyu_depth_v2/official_splits/test',
        ...     ann_file='test.txt', expected_lines=654, lazy_init=True))
        >>> len(dataset.metainfo['classes'])
        27

    Args:
        ann_file: The list.
        scene_policy: Rule that finds the scene of a picture. ``'substring'`` is that of
            VPD's released code: the first class that ``<folder>_<file>`` contains, so
            that a study room is a study, an office kitchen a kitchen, and an NYU office
            an office. ``'exact'`` is that of mmsegmentation's ``NYUDataset``: the text
            before the first digit, so that an NYU office is an unknown scene.
        unknown_scene: Name of a scene that is none of the classes.
            ``SceneNamePrompt(unknown='mean')`` takes the mean of all scenes for it.
            None makes it an error.
        **kwargs: Of `DepthListDataset`, such as ``expected_lines``, and of
            ``mmengine.dataset.BaseDataset``; ``data_root`` above all.

    Raises:
        ValueError: The policy is unknown, the list is malformed or empty, or a scene is
            unknown and ``unknown_scene`` is None.
        FileNotFoundError: As in the base class.
    """

    METAINFO: dict = dict(classes=SCENES)

    preparation = 'docs/depth.md says how to prepare NYUv2'
    example = '/scene/rgb_x.jpg /scene/sync_depth_x.png'

    def __init__(
        self,
        ann_file: str,
        scene_policy: str = 'substring',
        unknown_scene: str | None = None,
        **kwargs,
    ) -> None:
        if scene_policy not in _POLICIES:
            raise ValueError(
                f'scene_policy must be one of {_POLICIES}, got {scene_policy!r}'
            )
        self.scene_policy = scene_policy
        self.unknown_scene = unknown_scene
        super().__init__(ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the list.

        Returns:
            Per picture what `DepthListDataset` gives, with ``scene`` and
            ``category_id`` (-1 for an unknown scene).
        """
        samples = super().load_data_list()
        unknown = sum(sample['category_id'] < 0 for sample in samples)
        if unknown:
            print_log(
                f'{self.ann_file}: {unknown:,} of {len(samples):,} pictures show an '
                f'unknown scene, called {self.unknown_scene!r}',
                logger='current',
            )
        return samples

    def describe(self, image: str, where: str) -> dict:
        """Finds the scene of a picture.

        Args:
            image: Its path in the list.
            where: The list and the number of the line.

        Returns:
            ``scene`` and ``category_id``.
        """
        scenes = self.metainfo['classes']
        scene = find_scene(image, scenes, self.scene_policy)
        if scene is None and self.unknown_scene is None:
            raise ValueError(
                f'{where}: scene_policy={self.scene_policy!r} finds none of the '
                f'{len(scenes)} scenes in {image!r} ({", ".join(scenes)}). Give '
                'unknown_scene a name, or take the other policy'
            )
        return dict(
            scene=self.unknown_scene if scene is None else scene,
            category_id=-1 if scene is None else scenes.index(scene),
        )


def find_scene(path: str, scenes: tuple[str, ...], policy: str) -> str | None:
    """Finds the scene of a picture by its path.

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
