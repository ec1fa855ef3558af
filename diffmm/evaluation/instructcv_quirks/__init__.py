"""InstructCV's figures as its released code computes them, with its mistakes.

They are here to be put beside InstructCV's and ADDP's published ones (Table 4), and
nothing else: no figure of another method may stand beside them. The standard metrics of
the hosts measure the same predictions rightly.
"""

from .boxes import InstructCVDetectionQuirks, evaluate_boxes, keep_matched
from .depth import InstructCVDepthQuirks, quirky_depth_errors
from .masks import InstructCVSegmentationQuirks, quirky_iou

__all__ = [
    'InstructCVDepthQuirks',
    'InstructCVDetectionQuirks',
    'InstructCVSegmentationQuirks',
    'evaluate_boxes',
    'keep_matched',
    'quirky_depth_errors',
    'quirky_iou',
]
