"""The private folder of a running page."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import numpy as np

from diffmm.utils.picture_file import write_picture

from .pictures import PictureLimits, read_upload


class PageFiles:
    """Uploads and downloads, in a new temporary folder that only this user can read.

    An upload is removed as soon as it is read, a visitor's downloads when the visitor
    leaves, and the folder with the page.

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
        path = self._folder_of(visitor) / name
        write_picture(path, pixels)
        return path

    def forget(self, visitor: str) -> None:
        """Removes the downloads of a visitor."""
        shutil.rmtree(self._folder_of(visitor), ignore_errors=True)

    def remove(self) -> None:
        """Removes the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _folder_of(self, visitor: str) -> Path:
        # The name comes from the visitor's browser, so it is no name of a folder.
        return self.folder / hashlib.sha256(visitor.encode()).hexdigest()[:24]
