"""Language: captions and referring expressions of a scene."""
