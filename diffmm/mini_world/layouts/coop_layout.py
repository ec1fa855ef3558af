"""The mini world for few-shot classification, in CoOp's layout."""

from __future__ import annotations

from ..classes import OBJECT_CLASSES
from ..drawing.rendered_scene import RenderedScene
from .encoding import jpeg, json_bytes
from .layout import Layout
from .retrieval_layout import clear_objects
from .scene_files import SceneFiles

# Labels count the names in alphabetical order, as in most of CoOp's files.
CLASS_NAMES = tuple(sorted(OBJECT_CLASSES))
# One training scene of this many belongs to the validation part.
VAL_PERIOD = 5


class CoopLayout(Layout):
    """Photos of single objects and ``split_zhou_MiniWorld.json``.

    The file has the lists train, val and test of ``[path, label, class name]``, paths
    below ``images``. Every fifth training scene makes up val, the validation scenes
    make up test.
    """

    top_entries = ('images', 'split_zhou_MiniWorld.json')

    def scene_files(
        self, rendered: RenderedScene, split: str, index: int
    ) -> SceneFiles:
        """A photo of every object that is well visible."""
        styled = self.styled(rendered)
        files, rows = {}, []
        for number in clear_objects(rendered):
            name = rendered.scene.objects[number].name
            path = f'{name}/{split}_{index:08d}_{number}.jpg'
            files[f'images/{path}'] = jpeg(styled.object_crop(number))
            rows.append([path, CLASS_NAMES.index(name), name])
        return SceneFiles(files, dict(rows=rows))

    def summary_files(self, records: dict[str, list[dict]]) -> dict[str, bytes]:
        """The split."""
        parts: dict[str, list] = dict(train=[], val=[], test=[])
        for split, items in records.items():
            for index, record in enumerate(items):
                is_val = index % VAL_PERIOD == VAL_PERIOD - 1
                part = 'test' if split == 'val' else ('val' if is_val else 'train')
                parts[part] += record['rows']
        return {'split_zhou_MiniWorld.json': json_bytes(parts)}
