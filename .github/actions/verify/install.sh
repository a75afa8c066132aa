#!/usr/bin/env bash
# Install data-sbom into an environment of its own, and say where: the output "bin" is the directory of its command.
#
# -I keeps Python from importing what lies in the working directory, which is somebody's checkout.
set -euo pipefail

environment="$(mktemp -d "${RUNNER_TEMP:-/tmp}/data-sbom.XXXXXX")"
"${PYTHON_PATH:-python3}" -I -m venv "$environment"
pip=("$environment/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-input)

version="${INPUT_VERSION:-}"
if [[ -n "$version" ]]; then
    if [[ ! "$version" =~ ^[0-9][0-9A-Za-z.!+]*$ ]]; then
        echo "::error::data-sbom: the input version is not a version number" >&2
        exit 2
    fi
    "${pip[@]}" "data-sbom==$version"
else
    source="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
    "${pip[@]}" --no-deps --require-hashes --requirement "$source/requirements.lock"
    "${pip[@]}" --no-deps --no-build-isolation --no-index "$source"
fi

echo "bin=$environment/bin" >>"$GITHUB_OUTPUT"
