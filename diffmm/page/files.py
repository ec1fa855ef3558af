"""The private folder of a running page."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from diffmm.utils.picture_file import write_picture

from .pictures import PictureLimits, read_upload

# Seconds after which what a visitor left behind is forgotten.
KEPT = 3600


class PageFiles:
    """Uploads and downloads, in a new temporary folder that only this user can read.

    An upload is removed as soon as it is read, a visitor's downloads when the visitor
    leaves, and the folder with the page. What a request writes whose visitor has left,
    and an upload that was broken off, are removed after an hour.

    Args:
        limits: Of uploads.

    Attributes:
        folder: The folder.
        uploads: Where the server puts uploads, and copies of what it shows.
    """

    def __init__(self, limits: PictureLimits | None = None) -> None:
        self.limits = limits or PictureLimits()
        self.folder = Path(tempfile.mkdtemp(prefix='diffmm-page-')).resolve()
        self.uploads = self.folder / 'uploads'
        self.uploads.mkdir()

    def take(self, upload: str | Path) -> np.ndarray:
        """Reads an upload and removes it.

        Args:
            upload: Its file.

        Returns:
            BGR picture (H, W, 3), uint8.

        Raises:
            ValueError: As `read_upload`.
        """
        try:
            return read_upload(upload, self.uploads, self.limits)
        finally:
            path = Path(upload).resolve()
            if path.is_relative_to(self.uploads):
                path.unlink(missing_ok=True)

    def write(self, visitor: str, name: str, pixels: np.ndarray) -> Path:
        """Writes a picture for download.

        Args:
            visitor: Who gets it.
            name: Name of the file.
            pixels: BGR or one channel, of 8 or 16 bits.

        Returns:
            The file.
        """
        self._sweep()
        path = self._folder_of(visitor) / name
        write_picture(path, pixels)
        return path

    def forget(self, visitor: str) -> None:
        """Removes the downloads of a visitor."""
        shutil.rmtree(self._folder_of(visitor), ignore_errors=True)

    def remove(self) -> None:
        """Removes the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Removes what nobody comes back for."""
        visitors = (path for path in self.folder.iterdir() if path != self.uploads)
        # The names that gradio gives to uploads on their way.
        for path in (*visitors, *self.uploads.glob('tmp*')):
            with suppress(FileNotFoundError):  # its visitor has left meanwhile
                if path.stat().st_mtime >= time.time() - KEPT:
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()

    def _folder_of(self, visitor: str) -> Path:
        # The name comes from the visitor's browser, so it is no name of a folder.
        return self.folder / hashlib.sha256(visitor.encode()).hexdigest()[:24]
