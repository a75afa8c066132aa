#!/usr/bin/env bash
# 1,797 images in class folders: describe and sign them, verify them, and train only on what was signed.
#
#   examples/02-digits/run.sh        writes into out/ beside this script
#   examples/02-digits/run.sh DIR    writes into DIR, which must not exist
#
# It needs scikit-learn, which `make dev` installs.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../common.sh"
fresh "$here" ${1+"$1"}

say "The dataset: handwritten digits that come with scikit-learn, one folder for each class."
expect 0 "1,797 images" python "$here/make_images.py" digits

say "The publisher describes and signs it. Every image is an entry with its size and SHA-256."
expect 0 "keep it secret" data-sbom keygen -o release --algorithm ecdsa-p256
expect 0 "1,797 files" data-sbom generate digits -o digits.cdx.json --name digits --dataset-version 1998 \
    --sign-key release.key

say "Whoever trains on it verifies it first."
expect 0 "VERIFIED  1,797 files" data-sbom verify digits.cdx.json digits --public-key release.pub --expect-name digits

say "Or lets guard do both: it verifies, starts the training, and looks again when the training has ended."
expect 0 "accuracy on the test images: 0.9" data-sbom guard digits.cdx.json digits --public-key release.pub \
    --expect-name digits --report guarded.json -- python "$here/train.py" digits good.txt

say "Poison it: one image of a 3 changes places with one of an 8. No file comes or goes."
three="$(find digits/train/3 -name '*.png' | LC_ALL=C sort | head -n 1)"
eight="$(find digits/train/8 -name '*.png' | LC_ALL=C sort | head -n 1)"
mv "$three" kept.png && mv "$eight" "$three" && mv kept.png "$eight"
expect 1 "${three#digits/}" data-sbom guard digits.cdx.json digits --public-key release.pub \
    --expect-name digits -- python "$here/train.py" digits poisoned.txt
absent poisoned.txt
mv "$three" kept.png && mv "$eight" "$three" && mv kept.png "$eight"

say "Or relabel: a 3 moves into the folder of the 8. It is missing here, and unknown there."
name="$(basename "$three")"
mv "$three" "digits/train/8/$name"
expect 1 "EXTRA     train/8/$name" data-sbom guard digits.cdx.json digits --public-key release.pub \
    --expect-name digits -- python "$here/train.py" digits poisoned.txt
absent poisoned.txt

say "The test images alone are as they were. That is a part, and the verdict says so."
expect 0 "VERIFIED-SUBSET" data-sbom verify digits.cdx.json digits --public-key release.pub --expect-name digits \
    --only 'test/**'

say "guard takes a part for a whole only if it is told to."
expect 2 "give --allow-partial" data-sbom guard digits.cdx.json digits --public-key release.pub --expect-name digits \
    --only 'test/**' -- python "$here/train.py" digits poisoned.txt
absent poisoned.txt

say "All of it ended as this script says."
