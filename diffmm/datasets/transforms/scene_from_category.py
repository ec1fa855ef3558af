"""The name of a scene instead of its number."""

from __future__ import annotations

from collections.abc import Sequence

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS

from ..nyu_depth_list_dataset import SCENES


@TRANSFORMS.register_module()
class SceneFromCategory(BaseTransform):
    """Gives the samples of mmsegmentation's ``NYUDataset`` the name of their scene.

    Its numbers come from an exact match of the file name; -1 stands for a scene that is
    none of the 27, such as ``nyu_office``.

    Required keys: ``category_id``. Added keys: ``scene``.

    Args:
        unknown_scene: Name for a scene without a number.
            ``SceneNamePrompt(unknown='mean')`` takes the mean of all scenes for it, as
            mmsegmentation does. None makes it an error.
        scenes: Names in the order of the numbers; by default NYUv2's.
    """

    def __init__(
        self,
        unknown_scene: str | None = None,
        scenes: Sequence[str] = SCENES,
    ) -> None:
        self.unknown_scene = unknown_scene
        self.scenes = tuple(scenes)

    def transform(self, results: dict) -> dict:
        """Looks the scene up.

        Args:
            results: With ``category_id``.

        Returns:
            The same with ``scene``.

        Raises:
            ValueError: The number is that of no scene, and there is no name for that.
        """
        number = results['category_id']
        if 0 <= number < len(self.scenes):
            results['scene'] = self.scenes[number]
        elif number == -1 and self.unknown_scene is not None:
            results['scene'] = self.unknown_scene
        else:
            raise ValueError(
                f'{results.get("img_path")} has category_id={number}, which is none of '
                f'the {len(self.scenes)} scenes; give unknown_scene a name to accept -1'
            )
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(unknown_scene={self.unknown_scene!r})'
