"""Checks of many scenes, in several processes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tqdm import tqdm

from ..drawing.renderer import Renderer
from ..parallel import run_batches
from ..scenes.sampler import SceneSampler
from .consistency import check_scene

SCENES_PER_BATCH = 16


@dataclass
class Verdict:
    """Findings of checks of scenes.

    Attributes:
        scenes: Number of scenes.
        checked: Number of things looked at, by the name of the check.
        wrong: Number of those that are wrong.
        messages: What is wrong, each with the number of its scene.
    """

    scenes: int = 0
    checked: Counter = field(default_factory=Counter)
    wrong: Counter = field(default_factory=Counter)
    messages: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Adds what was found in other scenes."""
        self.scenes += other.scenes
        self.checked += other.checked
        self.wrong += other.wrong
        self.messages += other.messages


@dataclass(frozen=True)
class CheckJob:
    """Work of one process: draws and checks scenes.

    Attributes:
        split: ``'train'`` or ``'val'``.
        seed: Seed of the world.
        size: Side of the pictures in pixels.
    """

    split: str
    seed: int
    size: int

    def __call__(self, scenes: range) -> Verdict:
        """Checks some scenes of the split, by their numbers."""
        sampler, renderer = SceneSampler(self.seed), Renderer(self.size)
        verdict = Verdict(len(scenes))
        for index in scenes:
            rendered = renderer.render(sampler.sample(self.split, index))
            for name, findings in check_scene(rendered).items():
                found = [message for message in findings if message is not None]
                verdict.checked[name] += len(findings)
                verdict.wrong[name] += len(found)
                verdict.messages += [(index, text) for text in found]
        return verdict


def check_scenes(
    split: str, count: int, seed: int = 0, size: int = 128, workers: int = 1
) -> Verdict:
    """Draws and checks the first scenes of a split.

    Args:
        split: ``'train'`` or ``'val'``.
        count: Number of scenes.
        seed: Seed of the world.
        size: Side of the pictures in pixels.
        workers: Number of processes.

    Returns:
        What was found; messages in the order of the scenes.

    Raises:
        ValueError: The seed or the size is invalid.
    """
    SceneSampler(seed), Renderer(size)
    job = CheckJob(split, seed, size)
    numbers = range(count)
    starts = range(0, count, SCENES_PER_BATCH)
    jobs = [(job, numbers[start : start + SCENES_PER_BATCH]) for start in starts]
    total = Verdict()
    with tqdm(total=count, unit='scene', desc='Checking') as bar:
        for verdict in run_batches(jobs, workers):
            total.add(verdict)
            bar.update(verdict.scenes)
    total.messages.sort()
    return total
