"""The request of a user: where the data are, and what is to be made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from .captions import CAPTIONERS, find_captions
from .experiment import next_commands, write_config
from .pictures import (
    DataError,
    Picture,
    count,
    find_files,
    open_pictures,
    partners,
    shorten,
    split,
)
from .schedule import fit_schedule

Pairs = dict[Picture, Path]


@dataclass(frozen=True)
class Request:
    """A request to ``tools/new_experiment.py``.

    Attributes:
        config: The file to write.
        images: Folder of the pictures.
        labels: Folder of their masks or depth maps, or COCO file of their boxes.
        command: What the first line of the config names.
        val_images: Folder of the pictures for validation; None divides ``images``.
        val_labels: What belongs to them.
        val_share: Share of the pictures for validation.
        system: One of ``SYSTEMS``.
        prior: One of ``PRIORS``.
        gpus: Number of processes that will train.
        classes: ``NAME`` or ``NAME=VALUE`` of every class of masks.
        class_file: A file with the same.
        zero_is_unlabeled: Masks hold 0 for no class, and the classes' numbers plus one.
        skip_unlabeled: Whether pictures without a mask or depth map are left out.
        prompt_words: English words for the classes; None takes their names.
        scene: VPD's prompt for depth.
        captions: Caption file for TADP; None has one written.
        captioner: Model that writes it; None takes the prior's.
        device: Where the captioner runs.
        units_per_meter: Unit of depth maps.
        max_depth: Largest depth to predict; None takes that of the files.
    """

    config: Path
    images: Path
    labels: Path
    command: tuple[str, ...] = ()
    val_images: Path | None = None
    val_labels: Path | None = None
    val_share: float = 0.1
    system: str = 'vpd'
    prior: str = 'mini'
    gpus: int = 1
    classes: tuple[str, ...] = ()
    class_file: Path | None = None
    zero_is_unlabeled: bool = False
    skip_unlabeled: bool = False
    prompt_words: tuple[str, ...] | None = None
    scene: str = 'scene'
    captions: Path | None = None
    captioner: str | None = None
    device: str = 'cpu'
    units_per_meter: float = 1000.0
    max_depth: float | None = None

    @property
    def folder(self) -> Path:
        """The folder of lists, captions and renumbered masks, beside the config."""
        return self.config.with_name(f'{self.config.stem}_data')

    @property
    def places(self) -> tuple[tuple[str, Path, Path], ...]:
        """Name, pictures and labels of the parts for training and validation."""
        images = self.val_images or self.images
        return (
            ('train', self.images, self.labels),
            ('val', images, self.val_labels or self.labels),
        )

    def divide(self, what: str) -> tuple[tuple[Pairs, str], ...]:
        """Reads all pictures, and finds the file that belongs to each.

        Args:
            what: What the messages call those files: ``'masks'``.

        Returns:
            For training and for validation, the file of each picture, and what its
            name has behind that of the picture.

        Raises:
            DataError: A picture is damaged, nothing belongs to it, or the two lie in
                one folder and have one format.
        """
        pairs, ending = self._pair(self.images, self.labels, what)
        if self.val_images is not None:
            return (pairs, ending), self._pair(self.val_images, self.val_labels, what)
        parts = split(list(pairs), self.val_share)
        return tuple(({each: pairs[each] for each in part}, ending) for part in parts)

    def words(self, names: Sequence[str]) -> tuple[str, ...]:
        """Chooses what the prompt calls the classes.

        Args:
            names: Their names.

        Raises:
            DataError: There are more or fewer words than classes, or two are the same
                to the text encoder.
        """
        words = tuple(names)
        if self.prompt_words is not None:
            words = tuple(self.prompt_words)
        if len(words) != len(names):
            raise DataError(
                f'--prompt-words has {len(words)} words for {len(names)} classes '
                f'({shorten(names)})'
            )
        owners: dict[str, str] = {}
        for word, name in zip(words, names, strict=True):
            # It knows no capital letters.
            owner = owners.setdefault(' '.join(word.lower().split()), name)
            if owner != name and self.system == 'vpd':
                raise DataError(
                    f'the classes {owner!r} and {name!r} have the same prompt '
                    f'{word!r}: give each class a word of its own with --prompt-words'
                )
        return words

    def word_hints(self, words: Sequence[str]) -> list[str]:
        """Says which words the text encoder hardly knows."""
        foreign = [word for word in words if not word.isascii()]
        if not foreign or self.system != 'vpd':
            return []
        return [
            "note: Stable Diffusion's text encoder learned English and hardly knows "
            f'{shorten(foreign)}; --prompt-words takes English words for the classes'
        ]

    def caption(self, pictures: Sequence[Path], images: Path, part: str) -> dict | None:
        """Finds or writes captions, if the system is prompted with them.

        Args:
            pictures: The pictures.
            images: Their folder.
            part: ``'train'`` or ``'val'``.

        Returns:
            Arguments of ``LoadCaption``; None for other systems.

        Raises:
            DataError: As `find_captions`.
        """
        if self.system != 'tadp':
            return None
        model = self.captioner or CAPTIONERS[self.prior]
        out = self.folder / f'captions_{part}.json'
        return find_captions(pictures, images, self.captions, out, model, self.device)

    def finish(
        self, cfg: Config, pictures: int, shown: Path, boxes: bool = False
    ) -> list[str]:
        """Fits the schedule and writes the config.

        Args:
            cfg: The config.
            pictures: Number of pictures for training.
            shown: A picture that the last command draws on.
            boxes: Whether it predicts boxes.

        Returns:
            Lines that say so, and the next commands.
        """
        length = fit_schedule(cfg, self.prior, pictures, self.gpus)
        write_config(cfg, self.config, self.command)
        epochs = f', {length.epochs} epochs' if length.epochs is not None else ''
        caption = 'auto' if self.system == 'tadp' else None
        return [
            f'written: {self.config}, {length.iterations:,} iterations{epochs}',
            *next_commands(self.config, length, boxes, shown, caption),
        ]

    def _pair(self, images: Path, labels: Path, what: str) -> tuple[Pairs, str]:
        paths = find_files(images, 'pictures')
        others = find_files(labels, what)
        if images.resolve() == labels.resolve():
            # Side by side, photos are JPEGs.
            others = [path for path in others if path.suffix.lower() == '.png']
            paths = [path for path in paths if path.suffix.lower() != '.png']
            if not paths:
                raise DataError(
                    f'{str(images)!r} has PNG files alone, which are {what} where '
                    f'both lie in one folder: put the {what} into another'
                )
        found, ending = partners(paths, images, others, labels)
        missing = [path for path in paths if path not in found]
        if missing and not (self.skip_unlabeled and found):
            raise DataError(
                f'{len(missing):,} of {count(paths, "picture")} in {str(images)!r} '
                f'have no {what[:-1]} in {str(labels)!r}, such as {missing[0].name!r} '
                f'(looked for {missing[0].stem + ending!r}): add them, or leave such '
                'pictures out with --skip-unlabeled'
            )
        pictures = open_pictures(list(found))
        return {picture: found[picture.path] for picture in pictures}, ending
