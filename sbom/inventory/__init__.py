"""What is in a dataset: walk → hash → cache → Merkle root."""
