"""Necks: what stands between a diffusion backbone and a host's head."""

from .stride_pyramid_neck import StridePyramidNeck

__all__ = ['StridePyramidNeck']
