"""Python scripts and notebooks, read and never run: see :mod:`sbom.lineage.python.reader`."""
