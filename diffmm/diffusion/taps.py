"""Outputs that are read from a unit of the UNet while it runs."""

from __future__ import annotations

from collections.abc import Collection

from torch import Tensor


class Taps:
    """The outputs of layers that were asked for, and the end of the pass.

    Args:
        wanted: Names of the layers.
        last: Layer that the pass stops at; None for a whole pass.

    Attributes:
        outputs: Outputs by name.
        finished: The last layer was reached.
    """

    def __init__(self, wanted: Collection[str] = (), last: str | None = None) -> None:
        self._wanted = wanted
        self._last = last
        self.outputs: dict[str, Tensor] = {}
        self.finished = False

    def wants(self, name: str) -> bool:
        """Tells if the output of a layer is asked for."""
        return name in self._wanted

    def see(self, name: str, output: Tensor) -> None:
        """Keeps the output of a layer if it is asked for."""
        if name in self._wanted:
            self.outputs[name] = output
        self.end(name)

    def end(self, name: str) -> None:
        """Ends the pass if this was its last layer."""
        self.finished = self.finished or name == self._last
