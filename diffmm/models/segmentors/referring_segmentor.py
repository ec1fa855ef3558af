# Needs mmsegmentation.
"""A segmentor that also returns its prediction before resizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmengine.registry import MODELS
from mmengine.structures import PixelData
from mmseg.models import EncoderDecoder
from mmseg.structures import SegDataSample
from torch import Tensor


@MODELS.register_module()
class ReferringSegmentor(EncoderDecoder):
    """mmsegmentation's ``EncoderDecoder`` that also returns the network's own frame.

    LAVT and VPD measure referring segmentation in the frame of the network's input, a
    picture squashed to 512x512. The host resizes its logits to the original resolution,
    and that frame cannot be restored from them.

    Beside the host's fields, a data sample gets ``network_sem_seg``: classes in the
    frame of the network's input, shape (1, H, W). The input must be the whole picture,
    resized. It must not be padded or flipped: a flip turns "left" into "right".

    Example:
        >>> model = MODELS.build(dict(
        ...     type='ReferringSegmentor',
        ...     backbone=dict(
        ...         type='StableDiffusionBackbone', arch='mini',
        ...         prompt=dict(type='TextPrompt', num_tokens=8)),
        ...     decode_head=dict(
        ...         type='LAVTHead', in_channels=[32, 64, 128, 128], channels=64)))
        >>> from diffmm.structures import ConditionedImages
        >>> images = ConditionedImages(torch.zeros(1, 3, 64, 64), ['the red ball'])
        >>> model(images).shape
        torch.Size([1, 2, 8, 8])

    Args:
        *args: Arguments of ``EncoderDecoder``.
        **kwargs: Arguments of ``EncoderDecoder``.

    Raises:
        ValueError: If the head has one output, for a threshold, instead of one per
            class.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.out_channels < 2:
            raise ValueError(
                'ReferringSegmentor takes the class of the largest logit and needs a '
                f'head of two outputs or more, got out_channels={self.out_channels}'
            )

    def postprocess_result(
        self, seg_logits: Tensor, data_samples: Sequence[SegDataSample] | None = None
    ) -> Sequence[SegDataSample]:
        """Turns logits into predictions at both resolutions.

        Args:
            seg_logits: Shape (B, C, H, W), in the frame of the network's input.
            data_samples: The batch's data samples.

        Returns:
            Data samples with ``pred_sem_seg``, ``seg_logits`` and ``network_sem_seg``.

        Raises:
            ValueError: If a picture was padded or flipped.
        """
        for sample in data_samples or ():
            _check_frame(sample.metainfo)
        samples = super().postprocess_result(seg_logits, data_samples)
        classes = seg_logits.argmax(dim=1, keepdim=True)  # (B, 1, H, W)
        for sample, data in zip(samples, classes, strict=True):
            sample.set_data(dict(network_sem_seg=PixelData(data=data)))
        return samples


def _check_frame(metainfo: dict) -> None:
    padding = metainfo.get('img_padding_size', metainfo.get('padding_size', ()))
    if any(padding) or metainfo.get('flip'):
        raise ValueError(
            f'{metainfo.get("img_path")} was padded by {list(padding)} or flipped '
            f'(flip={metainfo.get("flip")}); referring segmentation takes whole '
            'pictures: use Resize with keep_ratio=False, and neither RandomFlip nor '
            'padding, in test pipelines'
        )
