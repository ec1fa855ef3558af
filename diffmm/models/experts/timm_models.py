"""Frozen models of timm: maps of a pyramid, or one vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import timm
import torch
import torch.nn.functional as F
from mmengine.logging import print_log
from mmengine.registry import MODELS
from timm.layers import resample_abs_pos_embed
from torch import Tensor

from diffmm.diffusion import WeightsError, read_tensor_file

from ..loaded_weights import LoadedWeights
from .timm_pixels import TimmPixels


class FrozenTimmModel(LoadedWeights):
    """Base of timm's models that only look: frozen, in eval mode, without gradient.

    Args:
        model: Name of the model in timm, such as ``'resnet18.tv_in1k'`` (torchvision's
            ResNet-18) or ``'vit_base_patch14_dinov2.lvd142m'`` (DINOv2).
        pretrained: True downloads the weights of that name once; a file has weights of
            the whole model; False leaves random ones. Read by ``init_weights``: a
            trained checkpoint carries them.
        input_size: Side of the square that pictures are resized to; None leaves them.
        options: Further options of ``timm.create_model``.
        init_cfg: As in every mmengine module.

    Raises:
        ValueError: timm has no such model or no weights of such a name, it takes one
            size alone and there is no ``input_size``, or timm refuses the options.
    """

    def __init__(
        self,
        model: str,
        pretrained: bool | str | Path,
        input_size: int | None,
        options: Mapping,
        init_cfg: Mapping | None,
    ) -> None:
        super().__init__(model, pretrained is False, init_cfg)
        if not timm.is_model(model):
            close = timm.list_models(f'*{model.partition(".")[0][:6]}*')[:5]
            raise ValueError(
                f'timm {timm.__version__} has no model {model!r}; similar: {close}'
            )
        options = dict(options)
        try:
            config = timm.get_pretrained_cfg(model)
        except RuntimeError as error:
            known = timm.list_pretrained(f'{model.partition(".")[0]}.*')
            raise ValueError(
                f'timm {timm.__version__} has no weights {model!r}, only: {known}'
            ) from error
        if config is not None and config.fixed_input_size:
            if input_size is None:
                raise ValueError(
                    f'{model} takes pictures of one size alone: give it, such as '
                    f'input_size={config.input_size[-1]}'
                )
            # Transformers resample the embeddings of their positions.
            options['img_size'] = input_size
        self.name = model
        self.pretrained = pretrained
        self.input_size = input_size
        self._options = options
        try:
            self.model = timm.create_model(model, **self._options)
        except (AssertionError, IndexError, RuntimeError, TypeError) as error:
            # What it raises depends on the model.
            raise ValueError(
                f'timm builds no {model} with {self._options}: {error}'
            ) from error
        self.model.requires_grad_(False).eval()
        self.pixels = TimmPixels(self.model.pretrained_cfg)

    def init_weights(self) -> None:
        """Reads the pre-trained weights.

        Raises:
            WeightsError: The file is missing, damaged or of another model.
        """
        super().init_weights()
        if self.pretrained is True:
            source = timm.create_model(self.name, pretrained=True, **self._options)
            self.model.load_state_dict(source.state_dict())
        elif self.pretrained:
            self._load_file(Path(self.pretrained))
        self._has_weights = True

    def train(self, mode: bool = True) -> FrozenTimmModel:
        """Sets the training mode; the model stays in eval mode."""
        super().train(mode)
        # Batch norm would use, and change, the statistics of the batch.
        self.model.eval()
        return self

    @torch.no_grad()
    def run(self, images: Tensor) -> Tensor | list[Tensor]:
        """Runs the model.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            What timm's model returns.

        Raises:
            RuntimeError: The weights were never loaded.
        """
        self.require_weights()
        images = self.pixels(images.float())
        if self.input_size is not None:
            size = (self.input_size, self.input_size)
            images = F.interpolate(images, size, mode='bilinear', align_corners=False)
        return self.model(images)

    def _load_file(self, path: Path) -> None:
        # `TimmPictureClassifier` calls it its network.
        state = {
            name.removeprefix('network.'): value
            for name, value in read_tensor_file(path).items()
        }
        names = self.model.state_dict()
        # timm wraps models that keep their head.
        if not set(names) <= set(state):
            state = {f'model.{name}': value for name, value in state.items()}
        self._resample_positions(state)
        wrong = [
            name
            for name, value in names.items()
            if name not in state or state[name].shape != value.shape
        ]
        if wrong:
            raise WeightsError(
                f'{path} holds no {self.name}: {len(wrong)} of {len(names)} tensors '
                f'are missing or of another shape ({wrong[0]!r})'
            )
        # What this model leaves out is no stranger: its head, or its last stages.
        known = set(names)
        for name in timm.create_model(self.name).state_dict():
            known |= {name, f'model.{name}'}
        strangers = sorted(set(state) - known)
        if strangers:
            raise WeightsError(
                f'{path} holds a relative of {self.name}, which has no place for '
                f'{len(strangers)} of its {len(state)} tensors, such as '
                f'{strangers[:3]}; name the model of these weights'
            )
        self.model.load_state_dict({name: state[name] for name in names})
        print_log(f'Loaded {self.name} from {path}', 'current')

    def _resample_positions(self, state: dict[str, Tensor]) -> None:
        """Resamples embeddings of the positions of another size, as timm does."""
        network = getattr(self.model, 'model', self.model)
        for name, value in self.model.state_dict().items():
            found = state.get(name)
            if name.rpartition('.')[2] != 'pos_embed' or found is None:
                continue
            if found.ndim == 3 and found.shape[::2] == value.shape[::2]:
                on_patches = getattr(network, 'no_embed_class', False)
                state[name] = resample_abs_pos_embed(
                    found,
                    list(network.patch_embed.grid_size),
                    num_prefix_tokens=0 if on_patches else network.num_prefix_tokens,
                )


@MODELS.register_module()
class TimmExpert(FrozenTimmModel):
    """The maps of a frozen model of timm: Vermouth's discriminative expert.

    Example:
        >>> expert = MODELS.build(dict(
        ...     type='TimmExpert', model='resnet18', out_indices=(2, 3, 4)))
        >>> [tuple(each.shape) for each in expert(torch.zeros(1, 3, 64, 96))]
        [(1, 128, 8, 12), (1, 256, 4, 6), (1, 512, 2, 3)]
        >>> expert.strides
        (8, 16, 32)

    Args:
        model: Name of the model in timm. Vermouth: ResNet-18 (classification), DINOv2
            ViT-B/14 (released retrieval).
        out_indices: Levels of a convolutional network, blocks of a transformer.
            Released: layers 2 to 4 of ResNet-18; blocks 2, 5, 8, 11 of DINOv2.
        strides: Strides that the maps are taken for, in the order of ``out_indices``.
            None takes the model's own. DINOv2's maps all have one size; released: the
            deepest counts as the coarsest, ``(8, 16, 32, 64)``.
        pretrained: True, False or a file, as in the base.
        input_size: Side of the square that pictures are resized to. DINOv2: 224.
        init_cfg: As in every mmengine module.

    Attributes:
        channels: Channels of the maps.
        strides: Image pixels per pixel of the maps.

    Raises:
        ValueError: timm has no such model, or there is not one stride for every map.
    """

    def __init__(
        self,
        model: str,
        out_indices: Sequence[int],
        strides: Sequence[int] | None = None,
        pretrained: bool | str | Path = False,
        input_size: int | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        options = dict(features_only=True, out_indices=tuple(out_indices))
        super().__init__(model, pretrained, input_size, options, init_cfg)
        info = self.model.feature_info
        self.channels = tuple(info.channels())
        self.strides = tuple(info.reduction() if strides is None else strides)
        if len(self.strides) != len(self.channels):
            raise ValueError(
                f'{model} has {len(self.channels)} maps, out_indices={out_indices!r}, '
                f'but {len(self.strides)} strides: {self.strides}'
            )

    def forward(self, images: Tensor) -> list[Tensor]:
        """Computes the maps.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            Maps (B, C_i, h_i, w_i), in the order of ``out_indices``.
        """
        maps = self.run(images)
        # Swin and its kin keep channels last.
        if getattr(self.model, 'output_fmt', 'NCHW') == 'NHWC':
            maps = [each.permute(0, 3, 1, 2) for each in maps]
        return maps


@MODELS.register_module()
class TimmBackbone(FrozenTimmModel):
    """The pooled vector of a frozen model of timm: the baselines of Vermouth's Table 2.

    Example:
        >>> backbone = MODELS.build(dict(type='TimmBackbone', model='resnet18'))
        >>> backbone(torch.zeros(2, 3, 64, 64))[0].shape
        torch.Size([2, 512])

    Args:
        model: Name of the model in timm.
        pretrained: True, False or a file, as in the base.
        input_size: Side of the square that pictures are resized to.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self,
        model: str,
        pretrained: bool | str | Path = False,
        input_size: int | None = None,
        init_cfg: Mapping | None = None,
    ) -> None:
        options = dict(num_classes=0)
        super().__init__(model, pretrained, input_size, options, init_cfg)

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """Computes the vectors.

        Args:
            images: RGB in [-1, 1], shape (B, 3, H, W).

        Returns:
            One tensor (B, C), before the model's own classifier.
        """
        return (self.run(images),)
