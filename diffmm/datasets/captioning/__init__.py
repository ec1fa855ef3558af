"""Captions of pictures: models that write them, files that hold them, their words."""

from .caption_file import (
    CaptionFile,
    CaptionKey,
    read_caption_file,
    read_captions,
    write_captions_file,
)
from .captioner import Captioner, CaptionerError, shipped_captioner
from .cleaning import OWN_WORDS, EndpointCleaner, EndpointError, StyleWordCleaner
from .generation import Generation, clean_captions, generate_captions
from .pictures import find_pictures, pictures_of_config
from .workers import CaptionerSettings

__all__ = [
    'OWN_WORDS',
    'CaptionFile',
    'CaptionKey',
    'Captioner',
    'CaptionerError',
    'CaptionerSettings',
    'EndpointCleaner',
    'EndpointError',
    'Generation',
    'StyleWordCleaner',
    'clean_captions',
    'find_pictures',
    'generate_captions',
    'pictures_of_config',
    'read_caption_file',
    'read_captions',
    'shipped_captioner',
    'write_captions_file',
]
