"""``python -m sbom``: the same as ``data-sbom``, for where scripts are not on the path."""

from sbom.cli import main

main()
