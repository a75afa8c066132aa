# What the examples share; they source it. Works with the bash of macOS (3.2).

set -euo pipefail

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# The programs of .venv, which `make dev` makes; or those of another directory: EXAMPLES_BIN=/some/bin examples/...
bin="${EXAMPLES_BIN:-$repository/.venv/bin}"
if [ ! -x "$bin/data-sbom" ]; then
    echo "there is no $bin/data-sbom: run make dev first" >&2
    exit 2
fi
PATH="$bin:$PATH"

# fresh HERE [DIR]: go to an empty directory: DIR, which must not exist, or HERE/out, which is made anew.
fresh() {
    local directory="${2:-$1/out}"
    if [ $# -lt 2 ]; then
        rm -rf "$directory"
    elif [ -e "$directory" ]; then
        echo "$directory exists: name a new directory" >&2
        exit 2
    fi
    mkdir -p "$directory"
    cd "$directory"
    # The nearest configuration is this one, whatever lies above; and nothing is left in the user's cache.
    : >data-sbom.toml
    export DATA_SBOM_CACHE_DIR="$PWD/.cache"
}

# say TEXT: a heading.
say() {
    printf '\n# %s\n' "$1"
}

# expect CODE TEXT COMMAND...: run a command, and insist on its exit code and on a text in what it prints.
expect() {
    local wanted="$1" text="$2" output code=0
    shift 2
    printf '$ %s\n' "$*"
    output="$("$@" 2>&1)" || code=$?
    printf '%s\n' "$output"
    if [ "$code" -ne "$wanted" ]; then
        echo "this ended with exit code $code, not $wanted" >&2
        exit 1
    fi
    case "$output" in
        *"$text"*) ;;
        *)
            echo "this did not say: $text" >&2
            exit 1
            ;;
    esac
    if [ "$wanted" -ne 0 ]; then
        echo "exit code $code"
    fi
}

# absent FILE: insist that a file does not exist: what must not have run would have written it.
absent() {
    if [ -e "$1" ]; then
        echo "$1 exists: something ran that must not" >&2
        exit 1
    fi
}
