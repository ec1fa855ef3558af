import pytest

from diffmm.models.prompts import truncation


@pytest.fixture
def cut_warnings(monkeypatch):
    """Messages about texts that were cut, as they come."""
    messages = []
    monkeypatch.setattr(
        truncation, 'print_log', lambda message, *_, **__: messages.append(message)
    )
    return messages
