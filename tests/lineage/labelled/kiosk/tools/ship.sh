#!/bin/bash
set -e
STORE=${STORE:-store}
DEST=ship

mkdir -p $DEST
for name in all.parquet index.json; do
    cp "$STORE/$name" "$DEST/$name"
done
python tools/stamp.py "$DEST" >> "$DEST/STAMP"
