"""What known programs read and write, by their words. A table; what does not fit into it is a function.

Nothing is guessed of programs that are not known, but that the word after ``-o`` or ``--output`` is written, and that
after ``-i`` or ``--input`` is read, where it looks like a path.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from sbom.lineage import archives, databases, filters, runners, transfers
from sbom.lineage.commandline import Program, by_table, copy, sort
from sbom.lineage.expansion import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.commandline import Given


_TABLE: Final[dict[str, Program]] = {
    **dict.fromkeys(("cat", "tac", "nl", "rev", "wc", "uniq", "column", "zcat", "bzcat", "xzcat", "gzcat"), Program()),
    **dict.fromkeys(("md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum", "diff", "cmp", "comm", "file"), Program()),
    "head": Program("-n -c --lines --bytes"),
    "tail": Program("-n -c --lines --bytes"),
    "sort": Program("-k -t -o -T -S --key --field-separator --output --parallel", outs="-o --output"),
    "cut": Program("-d -f -c -b --delimiter --fields"),
    "paste": Program("-d --delimiters"),
    "join": Program("-t -1 -2 -j -o -a -v -e"),
    "shuf": Program("-n -o --head-count --output --random-source", outs="-o --output", ins="--random-source"),
    **dict.fromkeys(
        ("grep", "egrep", "fgrep", "zgrep", "rg"),
        Program("-e -f -m -A -B -C --regexp --file", skip=1, instead="-e -f --regexp --file", ins="-f --file"),
    ),
    "jq": Program("--arg --argjson --slurpfile --indent -f --from-file", skip=1, instead="-f --from-file"),
    "yq": Program("-o -p", skip=1),
    **dict.fromkeys(
        ("csvcut", "csvsort", "csvstack", "csvformat", "csvjson", "csvclean", "csvstat", "in2csv"),
        Program("-c -C -d -q -e -f --columns --delimiter --encoding --format --sheet"),
    ),
    "csvgrep": Program("-c -m -r -f -d -e"),
    "csvjoin": Program("-c -d -e"),
    "csvsql": Program("--query --db --tables -d -e --insert"),
    "touch": Program("-d -r -t --date --reference", last=True, reads=False),
    "sox": Program("-t -r -b -c -e", last=True),
    **dict.fromkeys(("convert", "magick"), Program("-resize -quality -crop -density -background -gravity", last=True)),
    "pdftotext": Program("-f -l -r -x -y -W -H -enc", last=True),
    "ffmpeg": Program("-i -c -c:v -c:a -vf -af -r -ar -ac -b:v -b:a -ss -t -to -f -map -vcodec -acodec -crf -preset",
                      last=True, reads=False, ins="-i"),
}  # fmt: skip

#: Programs that do nothing with data by themselves, or whose operands are no data.
_NOTHING: Final = frozenset({
    "echo", "printf", "true", "false", ":", "test", "[", "[[", "mkdir", "rm", "rmdir", "chmod", "chown",
    "chgrp", "sleep", "wait", "kill", "pwd", "ls", "ll", "du", "df", "date", "which", "type", "hash", "umask",
    "ulimit", "unset", "alias", "trap", "exit", "return", "break", "continue", "shift", "getopts", "read", "let",
    "pip", "pip3", "apt", "apt-get", "yum", "brew", "npm", "cmake", "ninja", "dvc", "hg", "svn",
    "nvidia-smi", "whoami", "hostname", "uname", "clear", "tree", "basename", "dirname", "realpath", "readlink",
    "seq", "yes", "id", "tput", "stty", "module", "ssh", "tr",
})  # fmt: skip

#: Programs that run steps of a pipeline.
_PIPELINES: Final = frozenset({"make", "gmake", "snakemake", "nextflow", "kedro", "dbt", "airflow"})
#: Programs that only start another one → their options that take a value.
_PREFIXES: Final[dict[str, str]] = {
    "nohup": "", "time": "-f -o", "nice": "-n", "stdbuf": "-i -o -e", "sudo": "-u -g", "command": "", "exec": "",
    "builtin": "", "xvfb-run": "-s", "ionice": "-c -n", "timeout": "-k -s", "srun": "-n -c -p -t -J -o -e --mem --gres",
    "mpirun": "-n -np -H --host", "mpiexec": "-n -np", "catchsegv": "", "chrt": "",
    "taskset": "-c", "setsid": "", "coverage": "--source --rcfile", "accelerate": "--config_file --num_processes",
    "torchrun": "--nproc_per_node --nproc-per-node --nnodes --master_port --node_rank --rdzv_endpoint --rdzv_backend",
    "deepspeed": "--num_gpus --include", "streamlit": "", "kernprof": "", "memory_profiler": "", "scalene": "",
}  # fmt: skip

#: Words after a prefix that belong to it: ``poetry run``, ``conda run -n env``.
_RUNNERS: Final[dict[str, tuple[str, str]]] = {
    "uv": ("run", "--with --python -p --project --extra --group"), "poetry": ("run", "-C"), "pipenv": ("run", ""),
    "pdm": ("run", "-p"), "rye": ("run", ""), "hatch": ("run", "-e"), "pixi": ("run", "-e"),
    "conda": ("run", "-n -p --name --prefix"), "mamba": ("run", "-n -p"), "micromamba": ("run", "-n -p"),
    "npx": ("", ""), "bundle": ("exec", ""),
}  # fmt: skip
_COUNTS: Final = {"timeout": 1, "coverage": 1, "accelerate": 1, "streamlit": 1}
_CODE: Final = (".py", ".sh", ".bash", ".R", ".ipynb")
_IN: Final = frozenset({"-i", "--input", "--in", "--input-file", "--infile", "--input_file", "--input-path"})
_OUT: Final = frozenset({"-o", "--output", "--out", "--output-file", "--outfile", "--output_file", "--output-path"})


def run(words: Sequence[Word], given: Given) -> None:
    """Say what a command does.

    :param words: the program and its arguments; redirections are not among them.
    """
    if not words[0].known:
        _unknown(words, given)
        return
    name = posixpath.basename(words[0].text)
    rest = list(words[1:])
    special = _SPECIAL.get(name)
    if name in _RUNNERS and rest and (not _RUNNERS[name][0] or rest[0].text == _RUNNERS[name][0]):
        given.run(_behind(rest[1 if _RUNNERS[name][0] else 0 :], _RUNNERS[name][1], 0))
    elif name in _PREFIXES:
        given.run(_behind(rest, _PREFIXES[name], _COUNTS.get(name, 0)))
    elif name.startswith(("python", "pypy")) or name in {"pytest", "ipython"}:
        runners.python(rest, given)
    elif special is not None:
        special(rest, given)
    elif name in _TABLE:
        by_table(_TABLE[name], rest, given)
    elif name in _PIPELINES:
        given.problem(f"runs {name}, whose own steps are not followed from here")
    elif name not in _NOTHING:
        if "/" in words[0].text or name.endswith(_CODE):
            given.script(words[0], rest)
        _guessed(rest, given)


def _unknown(words: Sequence[Word], given: Given) -> None:
    """Say what a program does whose name is not known: where a script follows, it is an interpreter."""
    at = next((at for at, word in enumerate(words) if word.known and word.text.endswith(_CODE)), 0)
    if at:
        given.script(words[at], words[at + 1 :])
    else:
        given.problem("runs a program that is not known")


def _behind(words: Sequence[Word], values: str, count: int) -> list[Word]:
    """Return the words behind the options and the first ``count`` operands of a program that starts another."""
    taking = frozenset(values.split())
    at = 0
    while at < len(words):
        text = words[at].text
        if text == "--":
            at += 1
            break
        if text in taking:
            at += 2
        elif text.startswith("-") or ("=" in text and "/" not in text.partition("=")[0]):
            at += 1
        elif count:
            count -= 1
            at += 1
        else:
            break
    rest = list(words[at:])
    # torchrun and its like take a Python script at once.
    if rest and rest[0].text.endswith(".py"):
        return [Word("python", known=True), *rest]
    return rest


def _guessed(words: Sequence[Word], given: Given) -> None:
    found = sort(words, " ".join(_IN | _OUT))
    for name, value in found.options:
        if "/" in value.text or "." in value.text:
            if name in _IN:
                given.read(value)
            elif name in _OUT:
                given.write(value)


def _nbconvert(words: Sequence[Word], given: Given) -> None:
    runners.jupyter([Word("nbconvert", known=True), *words], given)


def _copy(values: str) -> Callable[[Sequence[Word], Given], None]:
    """Return how a program copies that has some options with a value."""

    def program(words: Sequence[Word], given: Given) -> None:
        copy(words, given, values)

    return program


def _env(words: Sequence[Word], given: Given) -> None:
    given.run(_behind(words, "-u -C", 0))


_SPECIAL: Final[dict[str, Callable[[Sequence[Word], Given], None]]] = {
    "papermill": runners.papermill, "jupyter": runners.jupyter, "jupyter-nbconvert": _nbconvert,
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ksh"), runners.shell),
    **dict.fromkeys(("Rscript", "julia", "node", "perl", "ruby", "matlab", "octave"), runners.interpreter),
    "spark-submit": runners.spark, "sed": filters.sed, "tee": filters.tee, "dd": filters.dd, "env": _env,
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk"), filters.awk), "split": filters.split, "ln": filters.link,
    "find": filters.find, "xargs": filters.xargs, "parallel": filters.parallel,
    **dict.fromkeys(("cp", "gcp"), _copy("-m --mode --suffix -S")), "install": _copy("-m -o -g --mode --owner --group"),
    "mv": _copy("-S --suffix"), "scp": _copy("-P -i -o -l -c -F"),
    "rsync": _copy("-e --exclude --include --filter --rsh --bwlimit --exclude-from --include-from --files-from"),
    "tar": archives.tar, "zip": archives.pack, "unzip": archives.unzip, **dict.fromkeys(("7z", "7za"), archives.seven),
    **dict.fromkeys(("gzip", "pigz"), archives.compress(".gz")), "gunzip": archives.compress(".gz", expands=True),
    "bzip2": archives.compress(".bz2"), "bunzip2": archives.compress(".bz2", expands=True),
    "xz": archives.compress(".xz"), "unxz": archives.compress(".xz", expands=True),
    "zstd": archives.compress(".zst"), "unzstd": archives.compress(".zst", expands=True),
    "curl": transfers.curl, "wget": transfers.wget, "aria2c": transfers.aria2, "gdown": transfers.gdown,
    "kaggle": transfers.kaggle, **dict.fromkeys(("huggingface-cli", "hf"), transfers.hub), "git": transfers.clone,
    **dict.fromkeys(("aws", "gsutil", "gcloud"), transfers.copy_urls),
    "sqlite3": databases.sqlite, "duckdb": databases.duckdb, "psql": databases.psql,
    **dict.fromkeys(("mysql", "mariadb"), databases.mysql),
    **dict.fromkeys(("docker", "podman", "singularity", "apptainer"), runners.container),
}  # fmt: skip
