"""The cost of a backbone beside the plain UNet: time, memory and operations."""

from .beside_reference import (
    PASSES,
    SIDES,
    alternate,
    compare,
    format_comparison,
    measure_pass,
)
from .feature_pass import FeaturePass
from .flops import count_flops, count_flops_by_kind
from .machine_rate import MachineRate, measure_rate
from .measurement import Measurement
from .model_cost import count_model_cost
from .operator_profile import KINDS, PRECISIONS, PartProfile, profile_backbone
from .peak_memory import measure_memory_rise, tensor_bytes
from .peak_tflops import lookup_peak_tflops
from .plain_pass import PlainPass
from .released_vpd import ReleasedVPD, check_checkout
from .report import format_report, summarize
from .timing import time_interleaved
from .unet_benchmark import PARTS, UNetBenchmark

__all__ = [
    'KINDS',
    'PARTS',
    'PRECISIONS',
    'PASSES',
    'SIDES',
    'FeaturePass',
    'MachineRate',
    'Measurement',
    'PartProfile',
    'PlainPass',
    'ReleasedVPD',
    'UNetBenchmark',
    'alternate',
    'check_checkout',
    'compare',
    'count_flops',
    'count_flops_by_kind',
    'count_model_cost',
    'format_comparison',
    'format_report',
    'lookup_peak_tflops',
    'measure_memory_rise',
    'measure_pass',
    'measure_rate',
    'profile_backbone',
    'summarize',
    'tensor_bytes',
    'time_interleaved',
]
