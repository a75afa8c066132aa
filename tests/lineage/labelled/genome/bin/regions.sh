#!/bin/sh
set -eu
WORK=work
mkdir -p "$WORK"
grep -v '^#' annotation/genes.gtf | awk '$3 == "exon" {print $1 "\t" $4 - 1 "\t" $5}' | sort -k1,1 -k2,2n >"$WORK/exons.bed"
awk '$3 == "gene"' annotation/genes.gtf | cut -f 9 > $WORK/genes.txt
