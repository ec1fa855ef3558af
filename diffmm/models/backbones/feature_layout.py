"""The maps that a backbone makes of the layers of its UNet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from diffmm.diffusion import AttentionRequest, FeatureUNet, UNetFeatures, resolve_maps

from .features import FeatureInfo


class FeatureLayout:
    """The layers that become maps, and the numbers of these.

    Building one tells the UNet what to read.

    Args:
        unet: The UNet.
        layers: A stage of Vermouth, names of layers, or None for VPD's four.
        attention: The request of every pass.
        latent_stride: Image pixels per pixel of the latents.
        refines: Whether later passes start from predictions, with gradient.

    Attributes:
        strides: Image pixels per pixel of every map.

    Raises:
        ValueError: A stage or layer does not exist.
    """

    def __init__(
        self,
        unet: FeatureUNet,
        layers: str | Sequence[str] | None,
        attention: AttentionRequest | None,
        latent_stride: int,
        refines: bool,
    ) -> None:
        available = unet.list_layers()
        self._maps = resolve_maps(layers, available, unet.decoder_layers())
        self._layers = {layer.name: layer for layer in available}
        self._stride = latent_stride
        names = dict.fromkeys(name for each in self._maps for name in each.layers)
        self._captured = unet.captured_levels(attention)
        unet.read_layers(tuple(names), attention, predictions_train=refines)
        self.strides = [latent_stride << each.level for each in self._maps]

    def describe(
        self, tokens: int, copies: int = 1, more: Sequence[int] | None = None
    ) -> tuple[FeatureInfo, ...]:
        """Counts the channels of every map.

        Args:
            tokens: Number of names of the prompt.
            copies: How often everything of the UNet is concatenated.
            more: Channels of an expert for every map.

        Returns:
            Channels, stride and layers of every map.
        """
        infos = []
        for index, each in enumerate(self._maps):
            channels = each.channels(self._layers, tokens)
            channels += tokens if each.level in self._captured else 0
            channels = channels * copies + (more[index] if more else 0)
            stride = self.strides[index]
            name = f'UNet {" and ".join(each.layers)}, 1/{stride}'
            infos.append(FeatureInfo(channels, stride, name))
        return tuple(infos)

    def build(
        self,
        names: Sequence[str],
        output: UNetFeatures,
        latents: Tensor,
        pool_maps: Callable[[Tensor], Tensor],
    ) -> UNetFeatures:
        """Makes the maps of the outputs of layers.

        Args:
            names: Names of the layers.
            output: What the UNet returned.
            latents: What it started from, (B, 4, h, w).
            pool_maps: Turns attention maps of tokens into maps of names.

        Returns:
            The same with the maps in place of the layers.
        """
        outputs = dict(zip(names, output.maps, strict=True))
        for name in outputs:
            if name.endswith('.attn2.map'):
                outputs[name] = pool_maps(outputs[name])
        height, width = latents.shape[-2:]
        maps = tuple(each.build(outputs, height, width) for each in self._maps)
        return output._replace(maps=maps)
