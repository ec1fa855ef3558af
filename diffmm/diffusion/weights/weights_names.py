"""Names of the files that hold a network's weights, in diffusers' folder layout."""

from __future__ import annotations

from dataclasses import dataclass

PARTS = ('unet', 'vae', 'text_encoder')
_STEMS = {
    'unet': ('diffusion_pytorch_model',),
    'vae': ('diffusion_pytorch_model',),
    # The second is that of pickles.
    'text_encoder': ('model', 'pytorch_model'),
}
# A folder without full-precision weights often has these.
_FALLBACK_VARIANT = 'fp16'


@dataclass(frozen=True)
class WeightsName:
    """The name of weights that may stand in one file or in several.

    Attributes:
        file: The file, if it is one.
        index: The file that lists the others, if they are several.
        shards: Patterns of those others.
    """

    file: str
    index: str
    shards: tuple[str, ...]

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns of all files under this name."""
        return (self.file, self.index, *self.shards)


def weights_names(part: str, variant: str | None = None) -> tuple[WeightsName, ...]:
    """Lists the names under which a network's weights are looked for, best first.

    Args:
        part: One of ``PARTS``.
        variant: What diffusers puts into the names of other precisions or averages,
            such as ``'fp16'`` or ``'non_ema'``. None takes full precision, or fp16
            where that is all there is.

    Returns:
        The names: safetensors before pickles, and without a variant full precision
        before fp16.
    """
    variants = (None, _FALLBACK_VARIANT) if variant is None else (variant,)
    return tuple(
        _weights_name(stem, ending, each)
        for stem in _STEMS[part]
        for ending in ('safetensors', 'bin')
        for each in variants
    )


def _weights_name(stem: str, ending: str, variant: str | None) -> WeightsName:
    infix = f'.{variant}' if variant else ''
    number = '-?????-of-?????'
    return WeightsName(
        file=f'{stem}{infix}.{ending}',
        index=f'{stem}.{ending}.index{infix}.json',
        # The variant's place has changed between versions of diffusers.
        shards=(
            f'{stem}{number}{infix}.{ending}',
            *([f'{stem}{infix}{number}.{ending}'] if variant else []),
        ),
    )
