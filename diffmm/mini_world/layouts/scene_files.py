"""What a layout makes of one scene."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SceneFiles:
    """Files of one scene, and what the files about all scenes need of it.

    Attributes:
        files: Content of every file by its path below the folder of the world. They are
            written in this order: what a reader searches by listing a folder comes
            last, so that it finds everything that belongs to it.
        record: Plain data, kept as JSON until all scenes are drawn.
    """

    files: dict[str, bytes]
    record: dict = field(default_factory=dict)
