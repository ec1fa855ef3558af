import re

import diffmm
from diffmm.version import __version__


def test_version_is_a_release_number_and_exported():
    assert re.fullmatch(r'\d+\.\d+\.\d+', __version__)
    assert diffmm.__version__ == __version__
