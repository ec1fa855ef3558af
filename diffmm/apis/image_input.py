"""Pictures of every kind that users have, as the array that the pipelines expect."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps

Picture = str | Path | np.ndarray | Image.Image

# OpenCV does not turn these, and darkens what is transparent in a TIFF.
_BY_PILLOW = ('TIFF', 'WEBP')
SUFFIXES = ('.bmp', '.jpeg', '.jpg', '.png', '.tif', '.tiff', '.webp')


def to_bgr(picture: Picture) -> np.ndarray:
    """Converts a picture whose meaning is clear, and refuses any other.

    Args:
        picture: One of

            - an image file, see `read_image`;
            - a PIL image of any mode. Its orientation is applied, its transparency is
              dropped;
            - an array ``(H, W)`` or ``(H, W, 1)`` (gray), ``(H, W, 3)`` (BGR, as OpenCV
              reads) or ``(H, W, 4)`` (BGRA; the transparency is dropped). uint8 is
              taken as it is. Of uint16 the upper 8 bits count, as OpenCV reads 16-bit
              files. bool becomes 0 and 255. float within [0, 1] is multiplied by 255;
              other integers and floats within [0, 255] are rounded.

    Returns:
        BGR image ``(H, W, 3)``, uint8: the array itself, if it is one.

    Raises:
        FileNotFoundError: If there is no such file.
        TypeError: If it is no picture, or an array of no numbers.
        ValueError: If it is damaged or empty, or its shape or its values can mean
            several things.
    """
    if isinstance(picture, (str, Path)):
        return read_image(picture)
    if isinstance(picture, Image.Image):
        return _from_pil(picture)
    if not isinstance(picture, np.ndarray):
        hint = ''
        if type(picture).__module__.startswith('torch'):
            hint = '. For an RGB tensor: tensor.permute(1, 2, 0).numpy()[..., ::-1]'
        elif isinstance(picture, (list, tuple)):
            hint = '. Give one picture at a time'
        raise TypeError(
            'a picture is an image file, a PIL image or an array, got '
            f'{type(picture).__name__}{hint}'
        )
    return _to_three_channels(_to_uint8(_check_shape(picture)))


def read_image(path: str | Path) -> np.ndarray:
    """Reads an image file as the training pipelines do, but refuses damaged files.

    OpenCV silently fills the missing part of a truncated JPEG with gray, so Pillow,
    which is strict, decodes the file first.

    Args:
        path: A file of any format that OpenCV and Pillow read. Gray images become
            three equal channels, transparency is dropped, the EXIF orientation is
            applied, 16 bits become 8.

    Returns:
        BGR image ``(H, W, 3)``, uint8.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is an address, not an intact image, or too large.
    """
    if '://' in str(path):
        raise ValueError(f'{path} is an address: download the image, give the file')
    path = Path(path)
    if path.is_dir():
        raise ValueError(f'{path} is a folder: give an image file')
    if not path.is_file():
        raise FileNotFoundError(f'no image at {path}')
    try:
        with Image.open(path) as image:
            by_pillow = image.format in _BY_PILLOW and (
                'A' in image.getbands()
                or image.getexif().get(ExifTags.Base.Orientation, 1) != 1
            )
            image.load()
    except Image.DecompressionBombError as error:
        raise ValueError(
            f'{path} is too large ({error}): make it smaller, or, if you trust it, set '
            f'PIL.Image.MAX_IMAGE_PIXELS, now {Image.MAX_IMAGE_PIXELS:,}, to more (in '
            'the demo: --max-pixels)'
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(
            f'{path} is not an intact image ({error}): give a JPEG or PNG file'
        ) from error
    if by_pillow:
        return _from_pil(image)
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError(f'OpenCV cannot decode {path}: convert it to JPEG or PNG')
    return pixels


def list_images(folder: str | Path) -> list[Path]:
    """Lists the image files of a folder, sorted by name.

    Raises:
        ValueError: If it has none.
    """
    files = [file for file in Path(folder).iterdir() if file.is_file()]
    images = sorted(file for file in files if file.suffix.lower() in SUFFIXES)
    if not images:
        raise ValueError(f'no image in {folder}: no name ends in {", ".join(SUFFIXES)}')
    return images


def _from_pil(image: Image.Image) -> np.ndarray:
    image = ImageOps.exif_transpose(image)
    # 16 and 32 bits and floats: `convert` would clip them to 255.
    if image.mode.startswith(('I', 'F')):
        pixels = np.asarray(image)
        if image.mode == 'I' and pixels.size and 255 < pixels.max() < 1 << 16:
            pixels = pixels.astype(np.uint16)  # Pillow's older mode of 16-bit files
        return to_bgr(pixels)
    return to_bgr(np.asarray(image.convert('RGB'))[..., ::-1])


def _check_shape(pixels: np.ndarray) -> np.ndarray:
    shape = pixels.shape
    if pixels.size == 0:
        raise ValueError(f'the picture is empty: an array of shape {shape}')
    if pixels.ndim == 2 or (pixels.ndim == 3 and shape[2] in (1, 3, 4)):
        return pixels
    hint = 'expected (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)'
    if pixels.ndim == 3 and shape[0] in (1, 3, 4):
        hint = 'the channels come first; give array.transpose(1, 2, 0)'
    elif pixels.ndim == 4:
        hint = 'this is a batch; give one picture at a time'
    raise ValueError(f'an array of shape {shape} is no picture: {hint}')


def _to_uint8(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype.kind not in 'buif':
        raise TypeError(
            f'a picture has real numbers, got an array of dtype {pixels.dtype}'
        )
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * 255
    low, high = pixels.min(), pixels.max()
    if not np.isfinite([low, high]).all():
        raise ValueError(
            'the picture has values that are not finite (NaN or infinity): replace '
            'them, for instance by numpy.nan_to_num'
        )
    if pixels.dtype == np.uint16:
        if 0 < high < 256:
            raise ValueError(
                f'a uint16 picture with values up to {high} is either of 8 bits or '
                'almost black: give array.astype(numpy.uint8), or (array >> 8)'
            )
        return (pixels >> 8).astype(np.uint8)
    if low >= 0 and high <= 1 and pixels.dtype.kind == 'f':
        return np.rint(pixels * 255).astype(np.uint8)
    if low >= 0 and high <= 255:
        return np.rint(pixels).astype(np.uint8)
    raise ValueError(
        f'a picture of dtype {pixels.dtype} has values in [0, 1] (float) or [0, 255], '
        f'got [{low:g}, {high:g}]: scale it to one of them'
    )


def _to_three_channels(pixels: np.ndarray) -> np.ndarray:
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    if pixels.shape[2] == 4:
        pixels = pixels[..., :3]
    return np.ascontiguousarray(pixels)


def resize_shorter_side(image: np.ndarray, side: int) -> np.ndarray:
    """Resizes a picture so that its shorter side has a number of pixels.

    Args:
        image: Shape (H, W, 3), uint8.
        side: The number of pixels. No side gets less than 64.

    Returns:
        The resized picture.
    """
    height, width = image.shape[:2]
    scale = side / min(height, width)
    size = (max(64, round(width * scale)), max(64, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
