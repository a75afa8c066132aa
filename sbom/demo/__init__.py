"""``data-sbom demo``: the whole job on real data. It does and returns things; ``sbom.cli.demo`` prints them.

The dataset and where it is from: ``data/ATTRIBUTION.json``.
"""
