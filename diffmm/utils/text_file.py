"""Text files of users."""

from __future__ import annotations

from pathlib import Path


def check_file(path: Path, advice: str) -> None:
    """Refuses a file that is not there.

    Args:
        path: The file.
        advice: What the message says to do.

    Raises:
        FileNotFoundError: There is no such file, or it is a folder.
    """
    if not path.is_file():
        what = 'is a folder' if path.is_dir() else 'does not exist'
        raise FileNotFoundError(f'{path} {what}; {advice}')


def read_text(path: Path) -> str:
    """Reads a file of UTF-8, perhaps with a byte order mark.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is damaged or has another encoding.
    """
    content = path.read_bytes()
    try:
        return content.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b'\n') + 1
        raise ValueError(
            f'{path}, line {line}: byte {content[error.start]:#04x} is no UTF-8; save '
            'the file as UTF-8, or get it again if it is damaged'
        ) from error
