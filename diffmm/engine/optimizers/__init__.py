from .merged_optim_wrapper_constructor import MergedOptimWrapperConstructor

__all__ = ['MergedOptimWrapperConstructor']
