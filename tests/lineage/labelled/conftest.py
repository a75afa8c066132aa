"""Nothing here is a test: these are scripts that the reader is measured on."""

from __future__ import annotations

collect_ignore_glob = ["*"]
