"""The layers that a pass reads, where it stops, and what it does not reach."""

from __future__ import annotations

from collections.abc import Sequence

from .attention import AttentionRequest
from .unet_layers import Step, UNetLayer, check_names, last_layer, unreached_parts


class LayerChoice:
    """The layers of a UNet, and those of them that its passes return.

    Args:
        steps: What a whole pass computes, in its order.
        names: Names of the layers to return.

    Attributes:
        layers: All layers, in the order of computation.
        names: Names of the layers that a pass returns.
    """

    def __init__(self, steps: Sequence[Step], names: Sequence[str]) -> None:
        self._steps = list(steps)
        self._order = {step.path: i for i, step in enumerate(self._steps)}
        self.layers = [step.layer for step in self._steps if step.layer is not None]
        self.read(names)

    def read(
        self, names: Sequence[str], request: AttentionRequest | None = None
    ) -> None:
        """Chooses layers.

        Args:
            names: Names of the layers to return.
            request: The request that every pass will have.

        Raises:
            ValueError: A layer does not exist.
        """
        check_names(names, self.layers)
        self.names = tuple(names)
        self._request = request
        self._last = last_layer(self._order, names)
        self._last_of_request = last_layer(self._order, self._wanted(request))

    def last(self, request: AttentionRequest | None) -> str:
        """Finds the layer that a pass stops at.

        Args:
            request: The request of the pass, chosen or another.

        Returns:
            The name of the layer.
        """
        # Known beforehand, so that a compiler does not walk through all layers.
        if request is None:
            return self._last
        if request == self._request:
            return self._last_of_request
        return last_layer(self._order, self._wanted(request))

    def requested_maps(self, request: AttentionRequest | None) -> list[UNetLayer]:
        """Lists the maps of cross-attention that a request averages.

        Args:
            request: Which maps to return, or None for none.

        Returns:
            Their layers, in the order of computation.
        """
        if request is None:
            return []
        return [
            layer
            for layer in self.layers
            if layer.name.endswith('.attn2.map')
            and request.wants(layer.name.partition('_')[0], layer.level)
        ]

    def unreached(self) -> list[str]:
        """Lists the modules that no pass of the chosen request reaches.

        Returns:
            Their names in the UNet.
        """
        wanted = self._wanted(self._request)
        return unreached_parts(self._steps, self._last_of_request, wanted)

    def untrained(self) -> list[str]:
        """Lists the modules that no gradient reaches: the unreached, and more.

        Maps of attention without gradient train nothing of what leads to them alone.

        Returns:
            Their names in the UNet.
        """
        gradient = self._request is not None and self._request.gradient
        trained = self._wanted(self._request if gradient else None)
        last = last_layer(self._order, trained)
        return unreached_parts(self._steps, last, trained)

    def _wanted(self, request: AttentionRequest | None) -> tuple[str, ...]:
        """Names of the layers that a pass returns, or averages."""
        return (*self.names, *(layer.name for layer in self.requested_maps(request)))
