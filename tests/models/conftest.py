from collections.abc import Iterator

import pytest

from tests import tiny


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep mmengine from logging a line for every parameter it initializes."""
    with tiny.quiet():
        yield
