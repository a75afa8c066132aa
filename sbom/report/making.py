"""What the commands that make things tell a person: what was made, what to know, what to do next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sbom.provenance import STATES
from sbom.report import lineage as lineages
from sbom.report.text import listed, plural, shown, size
from sbom.resolution import resolve_all

if TYPE_CHECKING:
    from sbom.api import Bom

_LISTED = 5
#: Directory name → what it is, for those that rarely belong into a dataset.
_USUALLY_EXCLUDED = {
    ".git": "a git repository",
    ".cache": "a cache",
    ".huggingface": "a cache",
    ".ipynb_checkpoints": "notebook checkpoints",
    "__pycache__": "compiled Python",
    ".venv": "a virtual environment",
}


def hints(bom: Bom) -> list[str]:
    """Name what people usually exclude and this inventory holds."""
    found: dict[str, int] = {}
    for entry in bom.dataset.files:
        for part in entry.path.split("/")[:-1]:
            if part in _USUALLY_EXCLUDED:
                found[part] = found.get(part, 0) + 1
                break
    return [
        f"hint: {plural(number, 'file')} of {name} ({_USUALLY_EXCLUDED[name]}) are part of the inventory;"
        f" --exclude '{name}' leaves them out"
        for name, number in found.items()
    ]


def generated(bom: Bom, path: str, *, signed: bool) -> list[str]:
    """Say what was written, and the next step."""
    dataset = bom.dataset
    version = "" if dataset.version is None else f" {shown(dataset.version)}"
    line = f"{plural(len(dataset.files), 'file')}, {size(dataset.total_size)} · root {dataset.root[:16]}…"
    lines = [f"wrote     {shown(path)} · {shown(dataset.name)}{version} · {line}"]
    if dataset.selection.left_out:
        lines.append("          incomplete on purpose: --include or --exclude left files out, and the document says so")
    if dataset.previous is not None:
        release = "" if dataset.previous.release is None else f" {shown(dataset.previous.release)}"
        lines.append(f"          follows {shown(dataset.previous.name)}{release} ({dataset.previous.sha256[:8]}…)")
    lines += _provenance(bom)
    if dataset.lineage:
        lines.append(f"          lineage {dataset.lineage.level}: {lineages.headline(dataset.lineage)}")
    if signed:
        lines.append(f"          signed; check it with: data-sbom verify {shown(path)} DATA --public-key PUB")
    else:
        lines.append(f"          not signed yet: data-sbom sign {shown(path)} --key KEY")
    return lines


def _provenance(bom: Bom) -> list[str]:
    """Say what manifests brought; nothing where there were none."""
    dataset = bom.dataset
    provenance = dataset.provenance
    if not provenance.manifests:
        return []
    readers = listed(list(dict.fromkeys(manifest.reader for manifest in provenance.manifests)), _LISTED)
    lines = [f"          {plural(len(provenance.manifests), 'manifest')} read ({readers})"]
    declared = [one for entry in dataset.files for one in entry.declared] + [one for _, one in provenance.elsewhere]
    counted = Counter(one.state for one in declared)
    if counted:
        states = ", ".join(f"{counted[state]:,} {STATES[state]}" for state in STATES if counted[state])
        lines.append(f"          declared hashes: {states}")
    conflicts = [resolved.field for resolved in resolve_all(provenance).values() if resolved.conflicting]
    if conflicts:
        lines.append(f"          manifests disagree about {listed(conflicts, _LISTED)}; data-sbom inspect shows it")
    return lines
