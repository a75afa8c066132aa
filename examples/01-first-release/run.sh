#!/usr/bin/env bash
# Two releases of a dataset, and three forgeries.
#
#   examples/01-first-release/run.sh        writes into out/ beside this script
#   examples/01-first-release/run.sh DIR    writes into DIR, which must not exist
#
# The dataset: penguins measured near Palmer Station, Antarctica (sbom/demo/data/ATTRIBUTION.json says whose it is).
# Release 1.0.0 holds the seasons 2007 and 2008; release 1.1.0 adds 2009.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../common.sh"
fresh "$here" ${1+"$1"}
penguins="$repository/sbom/demo/data/penguins"

say "A key pair. The private key stays with the publisher, the public key goes to everybody who trains."
mkdir -m 700 keys
expect 0 "keep it secret" data-sbom keygen -o keys/release

say "Release 1.0.0: one file for each species. Describe it and sign it, in one go."
mkdir data-1.0.0 releases
cp "$penguins"/train/*.csv data-1.0.0
expect 0 "penguins 1.0.0" data-sbom generate data-1.0.0 -o releases/penguins-1.0.0.cdx.json \
    --name penguins --dataset-version 1.0.0 --sign-key keys/release.key

say "Whoever trains on it says which dataset is wanted, and whom they trust."
expect 0 "VERIFIED" data-sbom verify releases/penguins-1.0.0.cdx.json data-1.0.0 \
    --public-key keys/release.pub --expect-name penguins --expect-version 1.0.0

say "Release 1.1.0: the rows of 2009 come to each file. --previous verifies release 1.0.0 and links to its exact bytes."
cp -R data-1.0.0 data-1.1.0
for species in adelie chinstrap gentoo; do
    tail -n +2 "$penguins/test/$species.csv" >>"data-1.1.0/$species.csv"
done
expect 0 "follows penguins 1.0.0" data-sbom generate data-1.1.0 -o releases/penguins-1.1.0.cdx.json \
    --dataset-version 1.1.0 --previous releases/penguins-1.0.0.cdx.json --previous-key keys/release.pub \
    --sign-key keys/release.key

say "Both releases verify, each against its own data."
expect 0 "VERIFIED" data-sbom verify releases/penguins-1.0.0.cdx.json data-1.0.0 \
    --public-key keys/release.pub --expect-name penguins
expect 0 "VERIFIED" data-sbom verify releases/penguins-1.1.0.cdx.json data-1.1.0 \
    --public-key keys/release.pub --expect-name penguins --chain releases

say "With the other releases at hand, an old one is recognised as old, however well it is signed."
expect 1 "there is a newer trusted release" data-sbom verify releases/penguins-1.0.0.cdx.json data-1.0.0 \
    --public-key keys/release.pub --expect-name penguins --chain releases

say "The chain, oldest first. A link is a digest: version numbers are shown, and never compared."
expect 0 "1.1.0" data-sbom chain releases/penguins-1.0.0.cdx.json releases/penguins-1.1.0.cdx.json \
    --public-key keys/release.pub

say "What changed between the two. diff trusts nothing; it shows what the documents say."
expect 0 "gentoo.csv" data-sbom diff releases/penguins-1.0.0.cdx.json releases/penguins-1.1.0.cdx.json
expect 1 "gentoo.csv" data-sbom diff --exit-code releases/penguins-1.0.0.cdx.json releases/penguins-1.1.0.cdx.json

say "Forgery 1: change labels in the data, and give the file its old size and time. The digest differs."
cp -Rp data-1.1.0 forged-data
awk -F, 'NR % 3 == 0 { sub(/^Adelie/, "Gentoo") } { print }' data-1.1.0/adelie.csv >forged-data/adelie.csv
touch -r data-1.1.0/adelie.csv forged-data/adelie.csv
expect 1 "MODIFIED  adelie.csv" data-sbom verify releases/penguins-1.1.0.cdx.json forged-data \
    --public-key keys/release.pub --expect-name penguins

say "Forgery 2: describe the forged data, and put that digest into the signed document. The signature does not hold."
old="$(python -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' data-1.1.0/adelie.csv)"
new="$(python -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' forged-data/adelie.csv)"
sed "s/$old/$new/" releases/penguins-1.1.0.cdx.json >forged.cdx.json
expect 1 "signature not good" data-sbom verify forged.cdx.json forged-data \
    --public-key keys/release.pub --expect-name penguins

say "Forgery 3: sign the forged data properly, with a key of one's own. The key is not one that the caller trusts."
expect 0 "keep it secret" data-sbom keygen -o keys/stranger
expect 0 "signed" data-sbom generate forged-data -o stranger.cdx.json \
    --name penguins --dataset-version 1.1.0 --sign-key keys/stranger.key
expect 1 "signature.threshold" data-sbom verify stranger.cdx.json forged-data \
    --public-key keys/release.pub --expect-name penguins

say "All of it ended as this script says."
