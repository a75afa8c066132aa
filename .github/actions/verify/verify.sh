#!/usr/bin/env bash
# Run data-sbom verify with what the action's inputs say, and end with its exit code.
#
# Inputs come as environment variables INPUT_*; nothing of them is ever evaluated. Values are joined to their flag
# with "=", and paths follow "--", so that none can be read as another flag.
set -euo pipefail

fail_usage() {
    echo "::error::data-sbom: $1" >&2
    if [[ -n "${GITHUB_OUTPUT:-}" ]]; then
        echo "exit-code=2" >>"$GITHUB_OUTPUT"
    fi
    exit 2
}

arguments=()

add_value() { # FLAG VALUE: nothing for an empty value
    if [[ -n "$2" ]]; then
        arguments+=("$1=$2")
    fi
}

add_lines() { # FLAG LINES: the flag once for each line that is not empty
    local line
    while IFS= read -r line || [[ -n "$line" ]]; do
        line="${line%$'\r'}"
        add_value "$1" "$line"
    done <<<"$2"
}

is_true() { # NAME VALUE: a misspelt "true" must not pass for "false"
    case "$2" in
        true) return 0 ;;
        false | "") return 1 ;;
        *) fail_usage "the input $1 is neither true nor false" ;;
    esac
}

[[ -n "${INPUT_BOM:-}" ]] || fail_usage "the input bom is empty"
[[ -n "${INPUT_DATA:-}" ]] || fail_usage "the input data is empty"

add_lines --public-key "${INPUT_PUBLIC_KEY:-}"
[[ ${#arguments[@]} -gt 0 ]] || fail_usage "the input public-key is empty: there is nobody to trust"

add_value --require-signatures "${INPUT_REQUIRE_SIGNATURES:-}"
add_value --expect-name "${INPUT_EXPECT_NAME:-}"
add_value --expect-version "${INPUT_EXPECT_VERSION:-}"
add_value --expect-root "${INPUT_EXPECT_ROOT:-}"
add_lines --allow-extra "${INPUT_ALLOW_EXTRA:-}"
if is_true allow-all-extra "${INPUT_ALLOW_ALL_EXTRA:-}"; then
    arguments+=(--allow-extra)
fi
add_lines --only "${INPUT_ONLY:-}"
if is_true follow-symlinks "${INPUT_FOLLOW_SYMLINKS:-}"; then
    arguments+=(--follow-symlinks)
fi
add_value --chain "${INPUT_CHAIN:-}"

sarif=""
if is_true upload-sarif "${INPUT_UPLOAD_SARIF:-}"; then
    sarif="$(mktemp -d "${RUNNER_TEMP:-/tmp}/data-sbom-sarif.XXXXXX")/data-sbom.sarif"
fi

# Annotations on stdout, and a summary for the job's page, which the command appends by itself.
code=0
data-sbom verify -f github "${arguments[@]}" -- "$INPUT_BOM" "$INPUT_DATA" || code=$?

# A run of its own for the file. The job passes only when both runs do: the data may have changed in between.
if [[ -n "$sarif" ]]; then
    sarif_code=0
    data-sbom verify -f sarif -o "$sarif" "${arguments[@]}" -- "$INPUT_BOM" "$INPUT_DATA" || sarif_code=$?
    if [[ "$code" -eq 0 ]]; then
        code="$sarif_code"
    fi
fi

if [[ -n "${GITHUB_OUTPUT:-}" ]]; then
    echo "exit-code=$code" >>"$GITHUB_OUTPUT"
    if [[ -n "$sarif" && -s "$sarif" ]]; then
        echo "sarif-file=$sarif" >>"$GITHUB_OUTPUT"
    fi
fi
exit "$code"
