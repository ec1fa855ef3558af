"""What a JPEG file keeps of a picture."""

from __future__ import annotations

import cv2
import numpy as np

from diffmm.mini_world.layouts.encoding import jpeg


def jpeg_round_trip(image: np.ndarray) -> np.ndarray:
    """Encodes and decodes an RGB picture."""
    data = np.frombuffer(jpeg(image), np.uint8)
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
