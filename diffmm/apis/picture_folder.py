"""Predictions of all pictures of a folder, as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from diffmm.utils.result_lines import append_results, read_results

from .image_input import list_images, read_image
from .image_predictor import ImagePredictor

# What every result of a folder depended on, by the name of its file.
SETTINGS_FILE = '.settings.jsonl'


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
    text: str | Mapping[str, str] | None = None,
    batch_size: int = 4,
    overwrite: bool = False,
    settings: Mapping[str, Any] | None = None,
) -> FolderReport:
    """Predicts the pictures of a folder in batches, and writes every result at once.

    A run that was killed continues where it was: results that are there are left, and
    reported. Those of another config, checkpoint, text or setting are refused, so that
    no folder mixes them by accident; ``.settings.jsonl`` among the results tells what
    each depended on. A picture that cannot be used is reported, too.

    Args:
        predictor: What predicts.
        folder: Where the pictures are.
        out_dir: Where the results go; it is made.
        save: Writes a result to a file.
        ending: End of the names of the files, behind those of the pictures:
            ``'_depth.png'``.
        text: The text of all pictures, or that of each by the name of its file, if the
            model is prompted picture by picture.
        batch_size: Pictures of equal size in a row that are predicted together.
        overwrite: Predicts those whose result is there, too.
        settings: What else the results depend on, by name. None is the default.

    Returns:
        What became of them.

    Raises:
        ValueError: The folder has no pictures, the text does not fit the model, or
            results that would be left are of other settings.
    """
    pictures = list_images(folder)
    stems = Counter(picture.stem for picture in pictures)
    files = {
        # a.jpg and a.png keep their endings.
        picture: Path(out_dir)
        / f'{picture.stem if stems[picture.stem] == 1 else picture.name}{ending}'
        for picture in pictures
    }
    settings = {**predictor.provenance(), **(settings or {})}

    def settings_of(picture: Path) -> dict[str, str]:
        own = text.get(picture.name) if isinstance(text, Mapping) else text
        every = {**settings, 'text': own}
        return {name: str(value) for name, value in every.items() if value is not None}

    record = Path(out_dir) / SETTINGS_FILE
    there = [] if overwrite else [path for path in pictures if files[path].exists()]
    known = read_results(record) if there else {}
    _check_settings(
        # Nobody knows the settings of a file that has no record.
        [
            (files[picture], known[files[picture].name], settings_of(picture))
            for picture in there
            if files[picture].name in known
        ]
    )
    report = FolderReport([], [files[picture] for picture in there], {})
    left = [picture for picture in pictures if picture not in there]
    texts = text
    if isinstance(text, Mapping):
        report.failed.update(
            (picture, _why_no_text(picture))
            for picture in left
            if picture.name not in text
        )
        left = [picture for picture in left if picture.name in text]
        texts = [text[picture.name] for picture in left]
    if not left:
        return report
    results = predictor.stream(left, texts, batch_size)
    for picture, result in tqdm(results, total=len(left), unit='picture'):
        if isinstance(result, Exception):
            report.failed[picture] = result
            continue
        # A killed run leaves no half of a file under its name.
        part = files[picture].with_name(f'.part_{files[picture].name}')
        save(result, part)
        part.replace(files[picture])
        append_results(record, {files[picture].name: settings_of(picture)})
        report.written.append(files[picture])
    return report


def _check_settings(
    results: Sequence[tuple[Path, Mapping[str, str], Mapping[str, str]]],
) -> None:
    """Refuses results whose settings were others than they are now."""
    others = [each for each in results if each[1] != each[2]]
    if not others:
        return
    path, old, new = others[0]
    changes = [
        f'{name} was {old.get(name, "the default")}, is {new.get(name, "the default")}'
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    raise ValueError(
        f'{len(others)} results in {path.parent} are of other settings, such as '
        f'{path.name}: {"; ".join(changes)}. Overwrite them (--overwrite), name '
        'another folder (--out-dir), or repeat the old settings'
    )


def _why_no_text(picture: Path) -> Exception:
    """The error of a picture without a text, which may be that it is damaged."""
    try:
        read_image(picture)
    except (OSError, ValueError) as error:
        return error
    return ValueError(f'{picture} has no text; its caption is missing or empty')
