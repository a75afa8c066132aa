#!/usr/bin/env bash
# A pipeline of three steps, two releases of what it makes, and a poisoned row that is traced to the step that wrote it.
#
#   examples/03-lineage/run.sh        writes into out/ beside this script
#   examples/03-lineage/run.sh DIR    writes into DIR, which must not exist
#
# The data: penguins measured near Palmer Station, Antarctica (sbom/demo/data/ATTRIBUTION.json says whose it is).
# Release 1.0.0 holds the seasons 2007 and 2008; release 1.1.0 adds 2009, and an insider has changed clean.py.
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../common.sh"
fresh "$here" ${1+"$1"}
penguins="$repository/sbom/demo/data/penguins"
mkdir -m 700 keys
mkdir work releases
cp "$here"/{export,clean,split}.py work

say "Keys: one of the release, one of whoever runs the steps."
expect 0 "keep it secret" data-sbom keygen -o keys/release
expect 0 "keep it secret" data-sbom keygen -o keys/jane

# season SEASON...: the field station's database gets more rows.
season() {
    python "$here/make_database.py" "$penguins" field.sqlite "$@"
}

# step NAME CMD...: run a step of the pipeline, and record it.
step() {
    local name="$1"
    shift
    expect 0 "step $name" data-sbom record --step "$name" --by "Jane" --workspace . --sign-key ../keys/jane.key -- "$@"
}

# pipeline: export the database, clean the table, split it.
pipeline() {
    step export python export.py field.sqlite raw.csv
    step clean python clean.py raw.csv clean.csv
    step split python split.py clean.csv data
}

# release VERSION FLAG...: describe and sign what the pipeline made.
release() {
    local version="$1"
    shift
    expect 0 "3 recorded steps" data-sbom generate data -o "../releases/penguins-$version.cdx.json" \
        --name penguins --dataset-version "$version" --workspace . \
        --step export.step.json --step clean.step.json --step split.step.json \
        --source field.sqlite=https://field.example.org/penguins.sqlite --record-digests '*.csv' \
        --sign-key ../keys/release.key "$@"
}

cd work

say "Release 1.0.0: three steps. Each one is recorded while it runs, and signed by Jane."
season 2007 2008
pipeline
release 1.0.0
cp -R data ../data-1.0.0

say "Whoever trains on it can demand that each step was signed by Jane. That every step was observed depends on this machine:"
say "where strace may not be used, the records say that they are not complete, and the level is lower."
level="$(data-sbom inspect ../releases/penguins-1.0.0.cdx.json -f json |
    python -c 'import json, sys; print(json.load(sys.stdin)["lineage"]["level"])')"
echo "the level of this release: $level"
expect 0 "VERIFIED" data-sbom verify ../releases/penguins-1.0.0.cdx.json data --public-key ../keys/release.pub \
    --expect-name penguins --require-lineage "$level" --step-key '*=../keys/jane.pub'

say "Release 1.1.0 adds a season. Somebody has changed one line of clean.py: some Gentoos become Adelies."
season 2009
python - <<'PYTHON'
text = open("clean.py").read()
line = '    kept = [row for row in rows if "" not in row and "NA" not in row]\n'
poison = '    kept = [["Adelie", *row[1:]] if row[0] == "Gentoo" and row[5] == "6000" else row for row in kept]\n'
assert line in text
open("clean.py", "w").write(text.replace(line, line + poison))
PYTHON
pipeline
release 1.1.0 --previous ../releases/penguins-1.0.0.cdx.json --previous-key ../keys/release.pub
cd ..

say "The release verifies: it is what was released, and Jane did run the steps. A signature says who, not that it is good."
expect 0 "VERIFIED" data-sbom verify releases/penguins-1.1.0.cdx.json work/data --public-key keys/release.pub \
    --expect-name penguins --step-key '*=keys/jane.pub'

say "An alarm: an Adelie of 6,000 grams, in this row of train.csv."
number="$(awk -F, 'NR > 1 && $1 == "Adelie" && $6 == "6000" { print NR - 1; exit }' work/data/train.csv)"
sed -n "$((number + 1))p" work/data/train.csv

say "Where did that row come from? Which release brought it, and which step wrote it?"
expect 0 "clean" data-sbom trace releases/penguins-1.1.0.cdx.json train.csv --record "$number" --chain releases \
    --public-key keys/release.pub

say "What changed in that step since the last release?"
expect 0 "clean.py" data-sbom diff releases/penguins-1.0.0.cdx.json releases/penguins-1.1.0.cdx.json

say "And what else came from that step? All of this is tainted."
expect 0 "test.csv" data-sbom trace releases/penguins-1.1.0.cdx.json clean.csv --descendants --chain releases \
    --public-key keys/release.pub

say "A way to hide it: drop the step from the document, and sign that again. The chain has a gap, and the step is named."
python - <<'PYTHON'
import json

tree = json.load(open("releases/penguins-1.1.0.cdx.json"))
del tree["signature"]
for formula in tree["formulation"]:
    for workflow in formula.get("workflows", []):
        workflow["tasks"] = [task for task in workflow["tasks"] if task["name"] != "clean"]
        workflow["taskDependencies"] = [
            one for one in workflow["taskDependencies"] if "step:clean" not in (one["ref"], *one["dependsOn"])
        ]
        if not workflow["taskDependencies"]:
            del workflow["taskDependencies"]
json.dump(tree, open("hidden.cdx.json", "w"))
PYTHON
expect 0 "signed" data-sbom sign hidden.cdx.json --key keys/release.key
expect 1 "clean" data-sbom verify hidden.cdx.json work/data --public-key keys/release.pub --expect-name penguins \
    --step-key clean=keys/jane.pub

say "All of it ended as this script says."
