"""Language: captions and referring expressions, and what they mean."""
