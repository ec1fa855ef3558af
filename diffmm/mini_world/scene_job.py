"""Work of one process: draw scenes and write them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .drawing.renderer import Renderer
from .layouts.layouts import LAYOUTS
from .scene.place_sampling import sample_scene
from .scene.scene_sampler import SceneSampler


@dataclass(frozen=True)
class SceneJob:
    """Draws and writes any scenes of a world; small enough to send to a process.

    Attributes:
        root: Folder of the world.
        layout: Name of the layout.
        seed: Seed of the world.
        size: Side of the pictures in pixels.
        style: Style of the pictures; the layout's own if None.
    """

    root: Path
    layout: str
    seed: int
    size: int
    style: str | None = None

    def __call__(self, scenes: list[tuple[str, int]]) -> int:
        """Makes the given scenes.

        Args:
            scenes: Pairs of split and index.

        Returns:
            How many scenes were written.
        """
        sampler, renderer = SceneSampler(self.seed), Renderer(self.size)
        layout = LAYOUTS[self.layout](self.root, self.style)
        for split, index in scenes:
            scene = sample_scene(sampler, split, index, layout.place)
            layout.write(renderer.render(scene), split, index)
        return len(scenes)
