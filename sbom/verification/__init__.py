"""Verification: one file per family of checks, and the report they fill."""
