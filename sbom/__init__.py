"""Describe, sign and verify training data."""

__version__ = "0.1.0"
