"""The feature passes of a backbone's UNet, as the benchmark runs them."""

from __future__ import annotations

from torch import Tensor, nn

from diffmm.diffusion import AttentionRequest, FeatureUNet, UNetFeatures
from diffmm.models.backbones import refine


class FeaturePass(nn.Module):
    """Passes through the UNet for the last one's features and attention maps.

    Args:
        unet: The backbone's UNet.
        timestep: Diffusion step of the passes.
        attention: Which attention maps to return, None for none.
        time_embeddings: Learned embeddings ``(steps or more, E)`` in the timestep's
            place, or None.
        steps: Number of passes. What the UNet's output layer makes of the features is
            the input of the next one, as in Meta Prompts.
    """

    def __init__(
        self,
        unet: FeatureUNet,
        timestep: int,
        attention: AttentionRequest | None,
        time_embeddings: nn.Parameter | None = None,
        steps: int = 1,
    ) -> None:
        super().__init__()
        self.unet = unet
        self.timestep = timestep
        self.attention = attention
        self.time_embeddings = time_embeddings
        self.steps = steps

    def forward(self, latents: Tensor, context: Tensor) -> tuple[Tensor, ...]:
        """Compute features and maps.

        Args:
            latents: ``(B, 4, h, w)``.
            context: ``(B, N, D)``.

        Returns:
            The feature maps, fine to coarse, then the attention maps.
        """

        def denoise(latents: Tensor, step: int) -> UNetFeatures:
            embeddings = self.time_embeddings
            return self.unet(
                latents,
                context,
                timestep=self.timestep,
                time_embedding=None if embeddings is None else embeddings[step, None],
                attention=self.attention,
                predict=step + 1 < self.steps,
            )

        features = refine(denoise, latents, self.steps)
        return (*features.maps, *features.attention_maps.values())
