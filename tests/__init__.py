"""Tests; a package, because some installed distributions ship a `tests` of theirs."""
