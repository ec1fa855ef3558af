"""The one error of everything that has to do with weights files."""


class WeightsError(ValueError):
    """Weights that are missing, damaged, refused, or of another architecture."""
