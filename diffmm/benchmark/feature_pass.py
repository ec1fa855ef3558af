"""The feature pass of a backbone's UNet, as the benchmark runs it."""

from __future__ import annotations

from torch import Tensor, nn

from diffmm.diffusion import AttentionRequest, FeatureUNet


class FeaturePass(nn.Module):
    """One pass through the UNet for its features and attention maps.

    Args:
        unet: The backbone's UNet.
        timestep: Diffusion step of the pass.
        attention: Which attention maps to return, None for none.
    """

    def __init__(
        self, unet: FeatureUNet, timestep: int, attention: AttentionRequest | None
    ) -> None:
        super().__init__()
        self.unet = unet
        self.timestep = timestep
        self.attention = attention

    def forward(self, latents: Tensor, context: Tensor) -> tuple[Tensor, ...]:
        """Compute features and maps.

        Args:
            latents: ``(B, 4, h, w)``.
            context: ``(B, N, D)``.

        Returns:
            The feature maps, fine to coarse, then the attention maps.
        """
        features = self.unet(
            latents, context, timestep=self.timestep, attention=self.attention
        )
        return (*features.maps, *features.attention_maps.values())
