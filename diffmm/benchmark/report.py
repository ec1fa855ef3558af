"""The benchmark's results as a table and as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..utils.text_table import format_table, three_digits
from .measurement import Measurement

_GIB = 1024**3
_HEADER = (
    'run',
    'time s',
    'x plain',
    'peak GiB',
    'x plain',
    'activations GiB',
    'x plain',
    'TFLOP',
    'TFLOP/s',
    'MFU %',
)


def summarize(
    measurements: Iterable[Measurement], peak_tflops: float | None = None
) -> list[dict[str, Any]]:
    """Return one flat dictionary per measurement, with its ratios.

    Args:
        measurements: The rows; a baseline must be among them.
        peak_tflops: Peak rate of the device, for MFU.

    Returns:
        Rows of numbers, None where something does not apply. ``mfu`` is a fraction.
    """
    measurements = list(measurements)
    by_name = {row.name: row for row in measurements}
    return [
        _summarize_row(row, by_name.get(row.baseline), peak_tflops)
        for row in measurements
    ]


def _summarize_row(
    row: Measurement, plain: Measurement | None, peak_tflops: float | None
) -> dict[str, Any]:
    rate = row.tflops_per_second()
    mfu = rate / peak_tflops if rate is not None and peak_tflops else None
    return {
        'name': row.name,
        'baseline': row.baseline,
        'seconds': row.seconds,
        'median_seconds': row.median_seconds,
        'time_ratio': row.time_ratio(plain) if plain else None,
        'resident_bytes': row.resident_bytes,
        'activation_bytes': row.activation_bytes,
        'peak_bytes': row.peak_bytes,
        'peak_ratio': row.peak_ratio(plain) if plain else None,
        'activation_ratio': row.activation_ratio(plain) if plain else None,
        'flops': row.flops,
        'tflops_per_second': rate,
        'mfu': mfu,
    }


def format_report(rows: Iterable[dict[str, Any]]) -> str:
    """Return the rows of ``summarize`` as a plain-text table."""
    return format_table(_HEADER, [_format_row(row) for row in rows], numbers_from=1)


def _format_row(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row['name'],
        _number(row['median_seconds'], 4),
        _number(row['time_ratio'], 3),
        _number(row['peak_bytes'], 3, 1 / _GIB),
        _number(row['peak_ratio'], 3),
        _number(row['activation_bytes'], 3, 1 / _GIB),
        _number(row['activation_ratio'], 3),
        _operations(row['flops'], 1e-12),
        _operations(row['tflops_per_second']),
        _number(row['mfu'], 1, 100),
    )


def _number(value: float | None, digits: int, scale: float = 1) -> str:
    return '-' if value is None else f'{value * scale:.{digits}f}'


def _operations(value: float | None, scale: float = 1) -> str:
    return '-' if value is None else three_digits(value * scale)
