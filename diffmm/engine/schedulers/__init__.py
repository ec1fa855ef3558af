from .triangular_lr import TriangularLR

__all__ = ['TriangularLR']
