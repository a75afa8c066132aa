#!/usr/bin/env bash
# Fetch a reference genome, and write down its digest.
set -euo pipefail

assembly="$1"
target="${2:-reference}"
url="https://genomes.example.org/${assembly}.fa.gz"

mkdir -p "$target"
curl --fail --silent --location --output "$target/$assembly.fa.gz" "$url"
md5sum "$target/$assembly.fa.gz" > "$target/$assembly.fa.gz.md5"
