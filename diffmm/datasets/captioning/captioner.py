"""Image-to-text models of transformers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image

from diffmm.utils.checksums import ChecksumError, check_sums

if TYPE_CHECKING:
    from transformers import BatchFeature

# What a model that chats is asked. ADDP asks LLaVA for "a detailed caption".
QUESTION = 'Describe this picture in one detailed sentence that names all it shows.'
# The captioner that comes with the package.
MINI_CAPTIONER = 'mini-captioner'
_HUB_ID = re.compile(r'[\w.-]+/[\w.-]+')
_SHIPPED_FOLDER = Path(__file__).parent / 'shipped'


class CaptionerError(ValueError):
    """A captioning model cannot be used."""


class Captioner:
    """A model that describes pictures, greedily as in TADP.

    Args:
        name: ``'mini-captioner'``, a folder, or a hub id such as
            ``'Salesforce/blip2-opt-2.7b'``: any model of transformers'
            ``AutoModelForImageTextToText`` that needs no text, or that chats, such as
            LLaVA.
        device: Where it runs.
        min_new_tokens: Fewest tokens of a caption. TADP: 0, 20 or 40, which is the
            number in the name ``TADP-40``.
        max_new_tokens: Most tokens of a caption. TADP: 77.

    Raises:
        CaptionerError: There is no such model, it is no image-to-text model, or it is
            damaged. There is no such device.
        ValueError: The numbers of tokens do not fit together.
    """

    def __init__(
        self,
        name: str | Path = MINI_CAPTIONER,
        device: str = 'cpu',
        min_new_tokens: int = 0,
        max_new_tokens: int = 77,
    ) -> None:
        if not 0 <= min_new_tokens <= max_new_tokens or max_new_tokens < 1:
            raise ValueError(
                'expected 0 <= min_new_tokens <= max_new_tokens and at least one '
                f'token, got {min_new_tokens} and {max_new_tokens}'
            )
        # Hub ids have an owner; asking the hub for another takes a minute of retries.
        if (
            str(name) != MINI_CAPTIONER
            and not Path(name).is_dir()
            and not _HUB_ID.fullmatch(str(name))
        ):
            raise CaptionerError(
                f'{str(name)!r} cannot be loaded as an image-to-text model: it is no '
                f'folder, no hub id (owner/name), and not {MINI_CAPTIONER!r}'
            )
        # Takes seconds to import, and nothing else needs it.
        from transformers import AutoModelForImageTextToText, AutoProcessor

        folder = shipped_captioner() if str(name) == MINI_CAPTIONER else name
        try:
            self.processor = AutoProcessor.from_pretrained(folder)
            self.model = AutoModelForImageTextToText.from_pretrained(folder)
        # What transformers raises depends on which of a model's files is at fault.
        except Exception as error:
            raise CaptionerError(
                f'{name!r} cannot be loaded as an image-to-text model: {error}'
            ) from error
        if not hasattr(self.processor, 'image_processor'):
            raise CaptionerError(
                f'{name!r} has no image processor; its folder needs the files of an '
                'AutoProcessor for images and text'
            )
        dtype = torch.float16 if device.startswith('cuda') else torch.float32
        try:
            self.model.to(device, dtype).eval()
        # PyTorch without CUDA raises the second, a full GPU the first.
        except (RuntimeError, AssertionError) as error:
            raise CaptionerError(
                f'{name!r} cannot run on the device {device!r}: {error}'
            ) from error
        self.model.generation_config.max_length = None
        self.device, self.dtype = device, dtype
        self.options = dict(max_new_tokens=max_new_tokens, do_sample=False, num_beams=1)
        if min_new_tokens:
            self.options['min_new_tokens'] = min_new_tokens

    @torch.inference_mode()
    def __call__(self, pictures: Sequence[Image.Image]) -> list[str]:
        """Describes pictures.

        Args:
            pictures: RGB pictures of any size.

        Returns:
            One caption for each, without spaces around it.

        Raises:
            CaptionerError: The model needs a text beside the picture.
        """
        try:
            inputs = self._prepare(pictures).to(self.device, self.dtype)
            tokens = self.model.generate(**inputs, **self.options)
        except (TypeError, KeyError, ValueError) as error:
            raise CaptionerError(
                f'{type(self.model).__name__} does not describe pictures without a '
                f'text beside them ({error}); use a captioning model such as BLIP-2'
            ) from error
        if self.chats:
            # The answer stands behind the question.
            tokens = tokens[:, inputs['input_ids'].shape[1] :]
        texts = self.processor.batch_decode(tokens, skip_special_tokens=True)
        return [text.strip() for text in texts]

    @property
    def chats(self) -> bool:
        """Tells if the model answers questions about pictures, as LLaVA does."""
        return bool(getattr(self.processor, 'chat_template', None))

    def _prepare(self, pictures: Sequence[Image.Image]) -> BatchFeature:
        if not self.chats:
            return self.processor(images=list(pictures), return_tensors='pt')
        content = [dict(type='image'), dict(type='text', text=QUESTION)]
        prompt = self.processor.apply_chat_template(
            [dict(role='user', content=content)], add_generation_prompt=True
        )
        # Answers begin where the longest question ends.
        self.processor.tokenizer.padding_side = 'left'
        return self.processor(
            images=list(pictures),
            text=[prompt] * len(pictures),
            padding=True,
            return_tensors='pt',
        )


def shipped_captioner() -> Path:
    """Finds the folder of ``mini-captioner``.

    Raises:
        CaptionerError: This installation lacks it, or a file of it is damaged.
    """
    folder = _SHIPPED_FOLDER / MINI_CAPTIONER
    if not (folder / 'config.json').is_file():
        raise CaptionerError(
            f'{MINI_CAPTIONER!r} belongs to DiffMM, but this installation has none at '
            f'{folder}. Install a complete package, or train it as '
            'configs/captioner/README.md says'
        )
    try:
        check_sums(folder)
    except ChecksumError as error:
        raise CaptionerError(str(error)) from error
    return folder
