"""Predictions of all pictures of a folder, as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from .image_input import list_images
from .image_predictor import ImagePredictor


class FolderReport(NamedTuple):
    """The outcome of predicting the pictures of a folder.

    Attributes:
        written: Files that were written.
        skipped: Files that were there already.
        failed: Errors by picture.
    """

    written: list[Path]
    skipped: list[Path]
    failed: dict[Path, Exception]


def predict_folder(
    predictor: ImagePredictor,
    folder: str | Path,
    out_dir: str | Path,
    save: Callable[[Any, Path], None],
    ending: str,
    text: str | None = None,
    batch_size: int = 4,
    overwrite: bool = False,
) -> FolderReport:
    """Predicts the pictures of a folder in batches, and writes every result at once.

    A run that was killed continues where it was: results that are there are left, and
    reported. A picture that cannot be used is reported, too.

    Args:
        predictor: What predicts.
        folder: Where the pictures are.
        out_dir: Where the results go; it is made.
        save: Writes a result to a file.
        ending: End of the names of the files, behind those of the pictures:
            ``'_depth.png'``.
        text: The text of all pictures, if the model is prompted picture by picture.
        batch_size: Pictures of equal size in a row that are predicted together.
        overwrite: Predicts those whose result is there, too.

    Returns:
        What became of them.

    Raises:
        ValueError: The folder has no pictures, or the text does not fit the model.
    """
    pictures = list_images(folder)
    stems = Counter(picture.stem for picture in pictures)
    files = {
        # a.jpg and a.png keep their endings.
        picture: Path(out_dir)
        / f'{picture.stem if stems[picture.stem] == 1 else picture.name}{ending}'
        for picture in pictures
    }
    there = [] if overwrite else [path for path in pictures if files[path].exists()]
    left = [picture for picture in pictures if picture not in there]
    report = FolderReport([], [files[picture] for picture in there], {})
    if not left:
        return report
    results = predictor.stream(left, text, batch_size)
    for picture, result in tqdm(results, total=len(left), unit='picture'):
        if isinstance(result, Exception):
            report.failed[picture] = result
            continue
        # A killed run leaves no half of a file under its name.
        part = files[picture].with_name(f'.part_{files[picture].name}')
        save(result, part)
        part.replace(files[picture])
        report.written.append(files[picture])
    return report
