"""The command ``python -m diffmm.doctor``."""

import sys

from .environment.doctor import main

if __name__ == '__main__':
    sys.exit(main())
