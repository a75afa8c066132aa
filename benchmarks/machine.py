"""Say what the figures were measured on."""

from __future__ import annotations

import datetime as dt
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop import Workshop


def facts(shop: Workshop) -> list[tuple[str, str]]:
    """Return pairs of a name and a value: processor, cores, memory, kernel, versions, date."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    found = [
        ("Processor", _processor()),
        ("Cores", str(cores)),
        ("Memory", f"{memory:.0f} GiB"),
        ("Kernel", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("Python", platform.python_version()),
        ("data-sbom", _said([*shop.tool, "--version"])),
        ("openssl", _said(["openssl", "version"])),
        ("sha256sum", _said(["sha256sum", "--version"])),
    ]
    if shop.peers is not None:
        script = (
            "import sys; from importlib.metadata import version as v; print(sys.version.split()[0], v(sys.argv[1]))"
        )
        python = str(shop.peers / "bin" / "python")
        found += [(name, _said([python, "-c", script, name], "Python {}")) for name in ("model-signing", "bagit")]
    found += [
        ("Runs", f"{shop.bench.runs}, in turn, after one that does not count; medians"),
        ("Date", dt.datetime.now(tz=dt.UTC).date().isoformat()),
    ]
    return found


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return _said(["sysctl", "-n", "machdep.cpu.brand_string"]) if shutil.which("sysctl") else platform.machine()


def _said(argv: list[str], form: str = "{}") -> str:
    """Return the first line that a command prints, or a dash."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return "-"
    lines = done.stdout.splitlines()
    return form.format(lines[0].strip()) if done.returncode == 0 and lines else "-"
