"""What known programs read and write, by their words. A table; what does not fit into it is a function.

Nothing is guessed of programs that are not known, but that the word after ``-o`` or ``--output`` is written, and that
after ``-i`` or ``--input`` is read, where it looks like a path.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sbom.lineage.expansion import Word
from sbom.lineage.paths import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Given(Protocol):
    """What a program is given, and where it says what it does."""

    #: The here-document or here-string that is its standard input.
    stdin: str | None

    def read(self, word: Word) -> None:
        """Say that it reads a file, directory or URL."""

    def write(self, word: Word) -> None:
        """Say that it writes one."""

    def script(self, word: Word, arguments: Sequence[Word]) -> None:
        """Say that it runs a script of the workspace."""

    def inline(self, language: str, text: str, arguments: Sequence[Word]) -> None:
        """Say that it runs a text: ``python``, ``shell`` or ``sql``."""

    def module(self, name: str, arguments: Sequence[Word]) -> None:
        """Say that it runs a Python module of the workspace."""

    def run(self, words: Sequence[Word]) -> None:
        """Say that it runs another program."""

    def sql(self, text: str, dialect: str) -> None:
        """Say that it runs SQL."""

    def problem(self, what: str) -> None:
        """Say what could not be understood."""


class Words(NamedTuple):
    """Words, sorted: options with their values, and the rest."""

    options: list[tuple[str, Word]]
    operands: list[Word]

    def values(self, *names: str) -> list[Word]:
        """Return the values of some options, in their order."""
        return [value for name, value in self.options if name in names]

    def has(self, *names: str) -> bool:
        """Tell whether an option is there."""
        return any(name in names for name, _ in self.options)


class Program(NamedTuple):
    """What the operands and options of a program are.

    :param values: options that take a value, separated by spaces.
    :param skip: operands at the start that are no files, unless one of ``instead`` is given.
    :param last: the last operand is written.
    :param reads: whether the other operands are read.
    :param ins: options whose value is read; ``outs``: written.
    """

    values: str = ""
    skip: int = 0
    instead: str = ""
    last: bool = False
    reads: bool = True
    ins: str = ""
    outs: str = ""


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
        Program("-e -f -m -A -B -C --regexp --file --max-count", skip=1, instead="-e -f --regexp --file", ins="-f --file"),
    ),
    **dict.fromkeys(
        ("awk", "gawk", "mawk", "nawk"), Program("-F -v -f --file", skip=1, instead="-f --file", ins="")
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
    "mlr": Program("--ifs --ofs --fs", skip=99),
    **dict.fromkeys(("cp", "install"), Program("-t -m -o -g --target-directory --mode", last=True, outs="-t")),
    "mv": Program("-t --target-directory", last=True, outs="-t"),
    "ln": Program("-t", last=True),
    "rsync": Program("-e --exclude --include --filter --rsh --bwlimit", last=True),
    "sox": Program("-t -r -b -c -e", last=True),
    **dict.fromkeys(("convert", "magick"), Program("-resize -quality -crop -density -background -gravity", last=True)),
    "pdftotext": Program("-f -l -r -x -y -W -H -enc", last=True),
    "tee": Program(last=False, reads=False),
    "split": Program("-l -b -n -a -d --lines --bytes --number"),
    "7z": Program(skip=1, reads=True),
    "psql": Program("-d -h -p -U -f -o -c -v --file --output --command --dbname --host --port --username", reads=False),
    "ffmpeg": Program("-i -c -c:v -c:a -vf -af -r -ar -ac -b:v -b:a -ss -t -to -f -map -vcodec -acodec -crf -preset",
                      last=True, reads=False, ins="-i"),
    "gsutil": Program("-o -h"),
    "git-lfs": Program(reads=False),
}  # fmt: skip
#: Programs that do nothing with data by themselves, or whose operands are no data.
_NOTHING: Final = frozenset(
    "echo printf true false : test [ [[ mkdir touch rm rmdir chmod chown chgrp sleep wait kill pwd ls ll du df date"
    " which type command hash umask ulimit unset alias trap exit return break continue shift getopts read let exec"
    " pip pip3 conda mamba apt apt-get yum brew npm make cmake ninja dvc git hg svn nvidia-smi whoami hostname uname"
    " clear tree basename dirname realpath readlink seq yes id tput stty set module ssh".split()
)
#: Programs that only start another one → their options that take a value.
_PREFIXES: Final[dict[str, str]] = {
    "nohup": "", "time": "-f -o", "nice": "-n", "stdbuf": "-i -o -e", "sudo": "-u -g", "command": "", "exec": "",
    "builtin": "", "xvfb-run": "-s", "ionice": "-c -n", "timeout": "-k -s", "srun": "-n -c -p -t -J -o -e --mem --gres",
    "mpirun": "-n -np -H --host", "mpiexec": "-n -np", "xargs": "-I -n -P -d -L -a", "catchsegv": "", "chrt": "",
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
_COUNTS: Final = {"timeout": 1, "coverage": 1, "accelerate": 1}
_PYTHON_VALUES: Final = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_IN: Final = frozenset({"-i", "--input", "--in", "--input-file", "--infile", "--input_file", "--input-path"})
_OUT: Final = frozenset({"-o", "--output", "--out", "--output-file", "--outfile", "--output_file", "--output-path"})
_FLAG: Final = Word("", known=True)


def sort(words: Sequence[Word], values: str) -> Words:
    """Sort words into options and operands (POSIX.1-2017, 12.2, and GNU's long options)."""
    taking = frozenset(values.split())
    found = Words([], [])
    waiting = iter(words)
    for word in waiting:
        text = word.text
        if text == "--":
            found.operands.extend(waiting)
        elif not text.startswith("-") or text == "-" or not word.known:
            found.operands.append(word)
        elif text in taking:
            value = next(waiting, None)
            if value is not None:
                found.options.append((text, value))
        elif text.startswith("--"):
            name, sign, value_text = text.partition("=")
            found.options.append((name, Word(value_text, known=True) if sign else _FLAG))
        elif text[:2] in taking:
            found.options.append((text[:2], Word(text[2:], known=True)))
        else:
            found.options.append((text, _FLAG))
    return found


def run(words: Sequence[Word], given: Given) -> None:
    """Say what a command does.

    :param words: the program and its arguments; redirections are not among them.
    """
    if not words or not words[0].known:
        return
    name = posixpath.basename(words[0].text)
    rest = list(words[1:])
    special = _SPECIAL.get(name)
    if name in _RUNNERS and rest and (not _RUNNERS[name][0] or rest[0].text == _RUNNERS[name][0]):
        given.run(_behind(rest[1 if _RUNNERS[name][0] else 0 :], _RUNNERS[name][1], 0))
    elif name in _PREFIXES:
        given.run(_behind(rest, _PREFIXES[name], _COUNTS.get(name, 0)))
    elif name.startswith(("python", "pypy")) or name in {"pytest", "ipython"}:
        _python(rest, given)
    elif special is not None:
        special(rest, given)
    elif name in _TABLE:
        _by_table(_TABLE[name], rest, given)
    elif name not in _NOTHING:
        if "/" in words[0].text or name.endswith((".py", ".sh", ".bash", ".sql")):
            given.script(words[0], rest)
        _guessed(rest, given)


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


def _by_table(program: Program, words: Sequence[Word], given: Given) -> None:
    found = sort(words, program.values)
    for value in found.values(*program.ins.split()):
        given.read(value)
    for value in found.values(*program.outs.split()):
        given.write(value)
    operands = found.operands
    if program.skip and not found.has(*program.instead.split()):
        operands = operands[program.skip :]
    operands = [word for word in operands if word.text != "-"]
    if program.last and len(operands) > 1:
        *operands, target = operands
        _target(operands, target, given)
    elif program.last and not program.reads:
        for word in operands[-1:]:
            given.write(word)
    if program.reads:
        for word in operands:
            given.read(word)


def _target(sources: Sequence[Word], target: Word, given: Given) -> None:
    """Write a target: in a directory that is named as one, each source gets its own name."""
    if (
        target.text.endswith("/")
        and target.known
        and all(word.known and not word.text.endswith("/") for word in sources)
    ):
        for word in sources:
            given.write(Word(target.text + posixpath.basename(word.text), known=True))
    else:
        given.write(target)


def _guessed(words: Sequence[Word], given: Given) -> None:
    found = sort(words, " ".join(_IN | _OUT))
    for name, value in found.options:
        if value.known and ("/" in value.text or "." in value.text) and not value.text.startswith("-"):
            if name in _IN:
                given.read(value)
            elif name in _OUT:
                given.write(value)


def _python(words: Sequence[Word], given: Given) -> None:
    at = 0
    while at < len(words):
        text = words[at].text
        if text == "-m" and at + 1 < len(words):
            _module(words[at + 1].text, words[at + 2 :], given)
            return
        if text == "-c" and at + 1 < len(words):
            given.inline("python", words[at + 1].text, words[at + 2 :])
            return
        if text in _PYTHON_VALUES:
            at += 2
        elif text == "-":
            break
        elif text.startswith("-"):
            at += 1
        else:
            given.script(words[at], words[at + 1 :])
            return
    if given.stdin is not None:
        given.inline("python", given.stdin, words[at + 1 :])


def _module(name: str, words: Sequence[Word], given: Given) -> None:
    """Run a module: one of the workspace, or one that runs another program."""
    if name in {"papermill", "jupyter", "nbconvert", "torch.distributed.launch", "torch.distributed.run"}:
        program = "torchrun" if name.startswith("torch") else "jupyter" if name == "nbconvert" else name
        extra = [Word("nbconvert", known=True)] if name == "nbconvert" else []
        given.run([Word(program, known=True), *extra, *words])
    else:
        given.module(name, words)


def _papermill(words: Sequence[Word], given: Given) -> None:
    values = "-p --parameters -r -y --parameters_yaml -f --parameters_file -k --kernel --cwd --engine"
    pairs: list[Word] = []
    plain: list[Word] = []
    at = 0
    while at < len(words):
        text = words[at].text
        if text in {"-p", "--parameters", "-r", "--parameters_raw"} and at + 2 < len(words):
            pairs += words[at : at + 3]
            at += 3
        elif text in values.split():
            at += 2
        elif text.startswith("-"):
            at += 1
        else:
            plain.append(words[at])
            at += 1
    if plain:
        given.script(plain[0], pairs)
    for word in plain[1:2]:
        given.write(word)


def _jupyter(words: Sequence[Word], given: Given) -> None:
    if not words or words[0].text not in {"nbconvert", "execute"}:
        return
    found = sort(words[1:], "--to --output --output-dir --ExecutePreprocessor.timeout")
    executes = words[0].text == "execute" or found.has("--execute")
    for word in found.operands:
        if executes:
            given.script(word, ())
        else:
            given.read(word)
        stem, _, _ = word.text.rpartition(".")
        kind = next((value.text for value in found.values("--to")), "notebook")
        suffix = {"notebook": ".ipynb", "html": ".html", "script": ".py", "python": ".py", "markdown": ".md"}.get(kind)
        named = next((value.text for value in found.values("--output")), None)
        directory = next((value.text for value in found.values("--output-dir")), posixpath.dirname(word.text))
        if found.has("--inplace") or suffix is None:
            continue
        base = named or posixpath.basename(stem)
        base = base if base.endswith(suffix) else base + suffix
        given.write(Word(posixpath.join(directory, base), known=word.known))


def _shell(words: Sequence[Word], given: Given) -> None:
    for at, word in enumerate(words):
        if word.text.startswith("-") and "c" in word.text.lstrip("-") and not word.text.startswith("--"):
            if at + 1 < len(words):
                given.inline("shell", words[at + 1].text, words[at + 2 :])
            return
        if not word.text.startswith(("-", "+")):
            given.script(word, words[at + 1 :])
            return
    if given.stdin is not None:
        given.inline("shell", given.stdin, ())


def _interpreter(words: Sequence[Word], given: Given) -> None:
    """Run a script of another language: it is named, and reported as not read."""
    for word in words:
        if not word.text.startswith("-"):
            given.script(word, ())
            return


def _sed(words: Sequence[Word], given: Given) -> None:
    found = sort(words, "-e -f --expression --file -l")
    operands = found.operands if found.has("-e", "-f", "--expression", "--file") else found.operands[1:]
    in_place = any(name.startswith(("-i", "--in-place")) for name, _ in found.options)
    for word in operands:
        given.read(word)
        if in_place:
            given.write(word)


def _tar(words: Sequence[Word], given: Given) -> None:
    words = list(words)
    if words and words[0].known and not words[0].text.startswith("-"):
        words[0] = words[0]._replace(text=f"-{words[0].text}")
    mode, archive, directory, rest = "", None, None, []
    at = 0
    while at < len(words):
        text = words[at].text
        if text in {"-C", "--directory"} and at + 1 < len(words):
            directory, at = words[at + 1], at + 1
        elif text in {"-f", "--file"} and at + 1 < len(words):
            archive, at = words[at + 1], at + 1
        elif text in {"--extract", "--create", "--list", "--get"}:
            mode = {"--create": "c", "--list": "t"}.get(text, "x")
        elif text.startswith("-") and not text.startswith("--"):
            mode = next((letter for letter in "cxtru" if letter in text[1:]), mode)
            if text.endswith("f") and at + 1 < len(words):
                archive, at = words[at + 1], at + 1
        elif not text.startswith("-"):
            rest.append(words[at])
        at += 1
    if mode in {"c", "r", "u"}:
        for word in rest:
            given.read(word)
        if archive is not None:
            given.write(archive)
    elif mode in {"x", "t"} and archive is not None:
        given.read(archive)
        if mode == "x" and directory is not None:
            given.write(_as_directory(directory))


def _as_directory(word: Word) -> Word:
    return word._replace(text=word.text if word.text.endswith("/") else f"{word.text}/")


def _compress(suffix: str) -> Callable[[Sequence[Word], Given], None]:
    def program(words: Sequence[Word], given: Given) -> None:
        found = sort(words, "-S -T -o")
        to_stdout = found.has("-c", "--stdout", "--to-stdout") or any(
            "c" in name[1:] for name, _ in found.options if name[:2] != "--"
        )
        expands = any(
            name in {"-d", "--decompress"} or "d" in name[1:3] for name, _ in found.options if name[:2] != "--"
        )
        for word in found.operands:
            given.read(word)
            target = word.text.removesuffix(suffix) if expands else word.text + suffix
            if not to_stdout and word.known:
                given.write(Word(target, known=True))
        for word in found.values("-o"):
            given.write(word)

    return program


def _expand(words: Sequence[Word], given: Given) -> None:
    _compress(".gz")([Word("-d", known=True), *words], given)


def _zip(words: Sequence[Word], given: Given) -> None:
    found = sort(words, "-x -i -b -t")
    for word in found.operands[:1]:
        given.write(word if posixpath.splitext(word.text)[1] else word._replace(text=f"{word.text}.zip"))
    for word in found.operands[1:]:
        given.read(word)


def _unzip(words: Sequence[Word], given: Given) -> None:
    found = sort(words, "-d -x")
    for word in found.operands[:1]:
        given.read(word)
    for word in found.values("-d"):
        given.write(_as_directory(word))


def _curl(words: Sequence[Word], given: Given) -> None:
    values = "-o --output -H --header -d --data -X --request -u --user -A -e -T --upload-file -F --form --retry -m"
    found = sort(words, f"{values} --url --max-time --connect-timeout --create-dirs --data-raw -b -c --output-dir")
    urls = [*found.values("--url"), *found.operands]
    _downloads(urls, found.values("-o", "--output"), given)
    if any(name in {"-O", "--remote-name"} or (name[:2] != "--" and "O" in name) for name, _ in found.options):
        for word in urls:
            _remote_name(word, "", given)
    for word in found.values("-T", "--upload-file"):
        given.read(word)


def _wget(words: Sequence[Word], given: Given) -> None:
    found = sort(
        words, "-O --output-document -P --directory-prefix -o -a -i --input-file -t -T --tries --timeout --header -U"
    )
    _downloads(found.operands, found.values("-O", "--output-document"), given)
    if not found.has("-O", "--output-document"):
        directory = next((word.text for word in found.values("-P", "--directory-prefix")), "")
        for word in found.operands:
            _remote_name(word, directory, given)
    for word in found.values("-i", "--input-file"):
        given.read(word)


def _downloads(urls: Sequence[Word], targets: Sequence[Word], given: Given) -> None:
    for word in urls:
        if is_url(word.text):
            given.read(word)
    for word in targets:
        if word.text != "-":
            given.write(word)


def _remote_name(word: Word, directory: str, given: Given) -> None:
    name = posixpath.basename(word.text.partition("?")[0].partition("#")[0])
    if word.known and is_url(word.text) and name:
        given.write(Word(posixpath.join(directory, name), known=True))


def _copy_urls(words: Sequence[Word], given: Given) -> None:
    """``aws s3 cp``, ``gsutil cp``, ``az storage``: the last operand is the target."""
    operands = [
        word
        for word in sort(words, "--profile --region --exclude --include -m").operands
        if word.text not in {"s3", "storage", "blob"}
    ]
    if operands and operands[0].text in {"cp", "mv", "sync", "rsync"}:
        _by_table(Program(last=True), operands[1:], given)


def _kaggle(words: Sequence[Word], given: Given) -> None:
    found = sort(words, "-d --dataset -c --competition -f --file -p --path -w")
    for word in (*found.values("-d", "--dataset"), *found.operands[2:3]):
        given.read(Word(f"kaggle://{word.text}", known=word.known))
    for word in found.values("-p", "--path"):
        given.write(_as_directory(word))


def _git(words: Sequence[Word], given: Given) -> None:
    found = sort(words, "-b --branch --depth -C -c")
    if found.operands and found.operands[0].text == "clone":
        for word in found.operands[1:2]:
            if is_url(word.text):
                given.read(word)
        for word in found.operands[2:3]:
            given.write(_as_directory(word))


def _tee(words: Sequence[Word], given: Given) -> None:
    for word in sort(words, "").operands:
        given.write(word)


def _dd(words: Sequence[Word], given: Given) -> None:
    for word in words:
        name, sign, value = word.text.partition("=")
        if sign and name in {"if", "of"}:
            (given.read if name == "if" else given.write)(Word(value, known=word.known))


def _sqlite(words: Sequence[Word], given: Given) -> None:
    found = sort(words, "-cmd -separator -init -nullvalue")
    texts = [word.text for word in (*found.operands[1:], *found.values("-cmd"))]
    texts += [given.stdin] if given.stdin is not None else []
    if found.operands and found.operands[0].text != ":memory:":
        writes = any(
            word in text.lower() for text in texts for word in (".import", "insert", "create", "update", "delete")
        )
        given.read(found.operands[0])
        if writes:
            given.write(found.operands[0])
    for text in texts:
        given.sql(text, "sqlite")


def _duckdb(words: Sequence[Word], given: Given) -> None:
    found = sort(words, "-c -s -cmd -init -f")
    for word in found.operands[:1]:
        if word.text != ":memory:":
            given.read(word)
    for word in (*found.values("-c", "-s", "-cmd"), *found.operands[1:]):
        given.sql(word.text, "duckdb")
    for word in found.values("-f", "-init"):
        given.script(word, ())
    if given.stdin is not None:
        given.sql(given.stdin, "duckdb")


def _psql(words: Sequence[Word], given: Given) -> None:
    found = sort(words, _TABLE["psql"].values)
    for word in found.values("-f", "--file"):
        given.script(word, ())
    for word in found.values("-c", "--command"):
        given.sql(word.text, "postgres")
    for word in found.values("-o", "--output"):
        given.write(word)
    if given.stdin is not None:
        given.sql(given.stdin, "postgres")


def _container(_words: Sequence[Word], given: Given) -> None:
    given.problem("a command runs in a container, which is not looked into")


def _env(words: Sequence[Word], given: Given) -> None:
    given.run(_behind(words, "-u -C -S", 0))


_SPECIAL: Final[dict[str, Callable[[Sequence[Word], Given], None]]] = {
    "papermill": _papermill, "jupyter": _jupyter, "jupyter-nbconvert": lambda words, given: _jupyter([Word("nbconvert", known=True), *words], given),
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ksh"), _shell),
    **dict.fromkeys(("Rscript", "julia", "node", "perl", "ruby", "matlab", "octave", "spark-submit"), _interpreter),
    "sed": _sed, "tar": _tar, "gzip": _compress(".gz"), "bzip2": _compress(".bz2"), "xz": _compress(".xz"),
    "zstd": _compress(".zst"), "gunzip": _expand, "zip": _zip, "unzip": _unzip, "curl": _curl, "wget": _wget,
    "aria2c": _wget, "aws": _copy_urls, "gsutil": _copy_urls, "gcloud": _copy_urls, "az": _copy_urls,
    "kaggle": _kaggle, "git": _git, "tee": _tee, "dd": _dd, "sqlite3": _sqlite, "duckdb": _duckdb, "psql": _psql,
    **dict.fromkeys(("docker", "podman", "singularity", "apptainer"), _container), "env": _env,
}  # fmt: skip
