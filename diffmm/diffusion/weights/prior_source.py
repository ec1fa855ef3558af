"""Where the weights of a diffusion prior come from."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from ..architecture import Architecture
from ..text_encoder import TextEncoder
from .assignment import assign_weights


class PriorSource(ABC):
    """A diffusers folder or an original file that holds a Stable Diffusion model.

    Args:
        location: Where it is, for messages.
    """

    def __init__(self, location: str) -> None:
        self.location = location

    @abstractmethod
    def state_dict(self, part: str, architecture: Architecture) -> dict[str, Tensor]:
        """Reads one network, under the names diffusers and transformers give it.

        Args:
            part: ``'unet'``, ``'vae'`` or ``'text_encoder'``.
            architecture: The expected shapes.

        Returns:
            Tensors by parameter name.

        Raises:
            WeightsError: If the part is missing, damaged or of another architecture.
        """

    def load_into(
        self, module: nn.Module, part: str, architecture: Architecture
    ) -> None:
        """Fills a network with this source's weights.

        Args:
            module: The network; every one of its parameters must be found.
            part: As in ``state_dict``.
            architecture: The expected shapes.

        Raises:
            WeightsError: As ``state_dict``, and if a tensor is missing or has another
                shape.
        """
        tensors = self.state_dict(part, architecture)
        assign_weights(module, tensors, f'{part} of {self.location}', architecture.name)

    def text_encoder(self, architecture: Architecture) -> TextEncoder:
        """Builds and fills the text encoder.

        Args:
            architecture: The expected shapes.

        Returns:
            The frozen text encoder.

        Raises:
            WeightsError: As ``load_into``.
        """
        encoder = TextEncoder.build(architecture.text_encoder)
        self.load_into(encoder.model, 'text_encoder', architecture)
        return encoder
