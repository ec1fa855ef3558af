"""Modules that must not run before their pre-trained weights were read."""

from __future__ import annotations

from collections.abc import Mapping

from mmengine.model import BaseModule


class LoadedWeights(BaseModule):
    """Base of a module that reads pre-trained weights in ``init_weights``.

    A complete checkpoint takes their place; anything less (loading is rarely strict)
    leaves random weights behind.

    Args:
        what: What the message calls the weights.
        has_weights: Whether there are none to read.
        init_cfg: As in every mmengine module.
    """

    def __init__(
        self, what: str, has_weights: bool, init_cfg: Mapping | None = None
    ) -> None:
        super().__init__(init_cfg)
        self._what = what
        self._has_weights = has_weights

    def require_weights(self) -> None:
        """Refuses a forward pass without weights.

        Raises:
            RuntimeError: They were never read.
        """
        if not self._has_weights:
            raise RuntimeError(
                f'the weights of {self._what} were never read: call init_weights() or '
                'load a complete checkpoint before the first forward'
            )

    def _load_from_state_dict(
        self, state_dict: Mapping, prefix: str, *args: object, **kwargs: object
    ) -> None:
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
        if all(f'{prefix}{name}' in state_dict for name in self.state_dict()):
            self._has_weights = True
