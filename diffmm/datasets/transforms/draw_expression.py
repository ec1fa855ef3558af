"""One of several expressions."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS


@TRANSFORMS.register_module()
class DrawExpression(BaseTransform):
    """Draws one of an object's referring expressions at every visit.

    It draws from NumPy's global generator, like the transforms of the hosts, which
    MMEngine seeds in every worker process of the data loader when it starts.

    Required keys: ``expressions``. Added keys: ``expression``.
    """

    def transform(self, results: dict) -> dict:
        """Draws an expression.

        Args:
            results: With ``expressions``, a list of texts.

        Returns:
            The same with ``expression``, one of them.

        Raises:
            ValueError: There are no expressions.
        """
        texts = results.get('expressions')
        if not texts:
            raise ValueError(
                f'{results.get("img_path")} has expressions {texts!r}; drawing one '
                'needs at least one. Leave DrawExpression out of test pipelines, '
                'whose items have an expression'
            )
        results['expression'] = texts[np.random.randint(len(texts))]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
