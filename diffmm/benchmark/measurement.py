"""One row of the benchmark."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Measurement:
    """The measured figures of one kind of run.

    Attributes:
        name: What ran.
        baseline: Name of the plain run that it is compared with, or None.
        seconds: Time of every round.
        resident_bytes: Parameters, buffers, gradients and inputs of the run.
        activation_bytes: How far the memory rose above them.
        flops: Operations of the model's forward (and backward) pass, or None. What
            gradient checkpointing computes twice counts once, as MFU wants it.
    """

    name: str
    baseline: str | None = None
    seconds: list[float] = field(default_factory=list)
    resident_bytes: int = 0
    activation_bytes: int = 0
    flops: int | None = None

    @property
    def median_seconds(self) -> float:
        """Median time over the rounds."""
        return median(self.seconds)

    @property
    def peak_bytes(self) -> int:
        """Resident bytes and activations together."""
        return self.resident_bytes + self.activation_bytes

    def time_ratio(self, plain: Measurement) -> float:
        """Median over the rounds of this time by the plain run's of that round."""
        rounds = zip(self.seconds, plain.seconds, strict=True)
        return median(own / other for own, other in rounds)

    def peak_ratio(self, plain: Measurement) -> float:
        """Peak memory as a multiple of the plain run's."""
        return self.peak_bytes / plain.peak_bytes

    def activation_ratio(self, plain: Measurement) -> float:
        """Activation memory as a multiple of the plain run's."""
        return self.activation_bytes / plain.activation_bytes

    def tflops_per_second(self) -> float | None:
        """Model operations per second, in 1e12."""
        if self.flops is None:
            return None
        return self.flops / self.median_seconds / 1e12
