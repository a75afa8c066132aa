"""``python -m sbom``: the same as ``data-sbom``, for where scripts are not on the path."""

import os
import sys

# ``-m`` puts the working directory in front of every import. Who verifies data from inside of it must not run it.
if not sys.flags.safe_path and sys.path and sys.path[0] == os.getcwd():
    del sys.path[0]

from sbom.cli import main  # after the line above

main()
