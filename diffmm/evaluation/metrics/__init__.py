from .denoising_error import DenoisingError
from .reconstruction_psnr import ReconstructionPSNR

__all__ = ['DenoisingError', 'ReconstructionPSNR']
