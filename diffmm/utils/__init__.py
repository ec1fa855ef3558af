"""Small helpers that several rooms and the scripts in ``tools/`` share."""
