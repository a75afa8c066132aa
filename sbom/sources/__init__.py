"""Where data is downloaded from: a bounded HTTP client, the retrieval record, and fetching again to compare."""
