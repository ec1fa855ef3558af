"""A config for a user's own pictures, on any system."""

from .experiment import PRIORS, SYSTEMS
from .kinds import new_experiment
from .pictures import DataError
from .request import Request

__all__ = ['PRIORS', 'SYSTEMS', 'DataError', 'Request', 'new_experiment']
