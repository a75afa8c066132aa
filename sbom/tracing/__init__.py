"""Where a file or a row comes from, and what came of it, across releases and datasets."""
