"""``data-sbom policy``: write, check, explain and sign a trust policy."""

from __future__ import annotations

import os
import re
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from sbom import output
from sbom.cli.common import DASH, Color, Console, Quiet, Verbose, password, put
from sbom.errors import RefusedError, UsageError
from sbom.names import display
from sbom.policy import read, sentences, template
from sbom.policy.errors import PolicyError

if TYPE_CHECKING:
    from sbom.policy.model import Policy

_WIDTH = 100
_COLUMN = 20
_DEFAULT = "policy.toml"
#: What a name of a policy cannot hold.
_OTHER = re.compile(r"[^a-z0-9]+")

_PolicyArgument = Annotated[str, typer.Argument(metavar="FILE", help="The policy.")]


def init(
    target: Annotated[str, typer.Argument(metavar="[FILE]", help=f"Where to. Default: {_DEFAULT}")] = _DEFAULT,
    policy_id: Annotated[
        str | None, typer.Option("--id", metavar="NAME", help="Its id. Default: the name of its directory.")
    ] = None,
    key: Annotated[str, typer.Option("--public-key", metavar="PUB", help="The releaser's key.")] = "release.pub",
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Write a commented policy to start from. Never overwrites."""
    console = Console(quiet, color)
    directory = os.path.dirname(os.path.abspath(target))
    name = policy_id or _OTHER.sub("-", os.path.basename(directory).lower()).strip("-")[:60].strip("-") or "policy"
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) is None:
        raise UsageError(f"{display(name, 80)} is no id", hint="use lower-case words, digits and single hyphens")
    text = template.render(name, datetime.now(UTC), os.path.relpath(key, directory))
    if target == DASH:
        put(text, DASH)
        return
    if output.check_target(target) is not None:
        raise UsageError("exists already, and is never overwritten", path=target, hint="name another file")
    put(text, target)
    console.say(f"wrote     {display(target)} · edit it, then data-sbom policy check {display(target)}")


def check(
    policy: _PolicyArgument,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Check a policy: list all that is wrong with it, or what it demands."""
    console = Console(quiet, color)
    try:
        found = read.load(policy)
    except PolicyError as error:
        put("".join(f"{display(problem, 500)}\n" for problem in error.problems), DASH)
        raise
    now = datetime.now(UTC)
    put(_demands(found), DASH)
    for text in sentences.advice(found, now):
        console.warn(text)
    if now >= found.expires:
        raise RefusedError("the policy has expired", path=policy, hint="look at it again, and set a new time")
    over = [one for one in found.exceptions if now >= one.expires]
    if over:
        problem = f"{len(over)} of its exceptions {'has' if len(over) == 1 else 'have'} expired"
        hint = "remove it, or set a new time: every verification fails until then"
        raise RefusedError(f"{problem}: {over[0].rule}, {over[0].reason}", path=policy, hint=hint)
    console.say(f"valid     {display(policy)} · {found.id} version {found.version} · sha256 {found.sha256}")


def explain(
    policy: _PolicyArgument,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Say in sentences what must hold, and who is who."""
    found = read.load(policy)
    title = f"{display(found.name, 200)} ({found.id}, version {found.version})"
    put("\n".join([title, "", _demands(found), *sentences.people(found)]) + "\n", DASH)


def sign(
    policy: _PolicyArgument,
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="Private key, PKCS#8 PEM.")],
    key_password_file: Annotated[
        str | None, typer.Option("--key-password-file", metavar="F", help="File with the key's passphrase.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE|-", help="Where to. Default: FILE.sigstore.json.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    color: Color = "auto",
) -> None:
    """Sign a policy, for verify --policy-key. The signature goes beside it."""
    from sbom.attestation import keyed, predicates, sidecars  # noqa: PLC0415  # only to sign
    from sbom.signing.keyfiles import permissions_warning  # noqa: PLC0415
    from sbom.signing.keys import load_private  # noqa: PLC0415

    console = Console(quiet, color)
    data = read.content(policy)
    found = read.parse(data, policy)
    private = load_private(key, password(key_password_file, f"Passphrase of {display(key)}"))
    if (warning := permissions_warning(key)) is not None:
        console.warn(warning)
    bundle = keyed.sign(predicates.policy(os.path.basename(policy), found.sha256, found.anchors), private)
    chosen = target or sidecars.default_path(policy)
    put(bundle, chosen)
    label = f'key {private.public.spki_sha256[:8]}… "{display(private.public.label)}"'
    console.say(f"signed    {display(chosen)} · {found.id} version {found.version} · {label}")


#: The commands of the group, in the order in which people meet them.
SUBCOMMANDS = {"init": init, "check": check, "explain": explain, "sign": sign}


def _demands(policy: Policy) -> str:
    indent = " " * _COLUMN
    lines: list[str] = []
    for one in sentences.demands(policy):
        first = f"{one.check:<{_COLUMN}}"
        lines += textwrap.wrap(one.text, _WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines) + "\n"
