"""The measurements: one function for each dataset, each with the bars that data-sbom holds itself to."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import datasets
from measure import Command, CommandFailedError, Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workshop import Workshop

MIB = 1 << 20

#: Runs the command line given as arguments in this process, and fails when it tries to import sigstore.
_WATCH_IMPORTS = """
import os, runpy, sys
def watch(event, arguments):
    if event == "import" and str(arguments[0]).partition(".")[0] == "sigstore":
        os._exit(86)
sys.addaudithook(watch)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Bar:
    """One promise and what was measured: a ratio, or a figure with a unit.

    :param value: ``None`` when it could not be measured here, because the peer is not there.
    """

    work: str
    against: str
    value: float | None
    limit: float
    unit: str = "x"

    @property
    def verdict(self) -> str:
        """Say whether it holds."""
        if self.value is None:
            return "not measured"
        return "pass" if self.value <= self.limit else "MISS"


@dataclass(frozen=True)
class Result:
    """The bars of one dataset, and what each command cost on it."""

    title: str
    bars: list[Bar]
    costs: dict[str, Cost]


def small_files(shop: Workshop) -> Result:
    """20,000 x 4 KiB beside model-signing, the plain loop, sha256sum and bagit."""
    with _dataset(shop, "20,000 x 4 KiB", shop.count(20_000), 4096) as data:
        bom, unsigned = shop.scratch / "small.cdx.json", shop.scratch / "small-unsigned.cdx.json"
        commands = [
            shop.generate(data, bom),
            shop.verify(data, bom),
            shop.plain_loop(data),
            *shop.model_signing(data),
            shop.generate(data, unsigned, sign=False),
            shop.sign(unsigned),
            shop.generate(data, shop.scratch / "cached.cdx.json", cache=True, fresh=True),
            *shop.sha256sum(data),
            *shop.bagit(data),
        ]
        costs = shop.bench.compare(commands, memory=True)
    make, check, loop = (commands[index].name for index in range(3))
    parts = [costs[name] for name in ("data-sbom generate", "data-sbom sign")]
    costs["data-sbom generate, then data-sbom sign"] = replace(
        parts[0],
        wall=sum(cost.wall for cost in parts),
        cpu=sum(cost.cpu for cost in parts),
        memory_mib=max(cost.memory_mib or 0 for cost in parts),
    )
    work = "20,000 x 4 KiB"
    bars = [
        Bar(f"{work}, generate and sign", "model-signing", _ratio(costs, make, "model-signing sign"), 0.15),
        Bar(f"{work}, verify", "model-signing", _ratio(costs, check, "model-signing verify"), 0.15),
        Bar(f"{work}, generate and sign", loop, _ratio(costs, make, loop), 3),
        Bar(f"{work}, verify", loop, _ratio(costs, check, loop), 3),
    ]
    return Result(work, bars, costs)


def many_files(shop: Workshop) -> Result:
    """100,000 x 1 KiB beside the plain loop and beside a tenth of it."""
    work = "100,000 x 1 KiB"
    with (
        _dataset(shop, work, shop.count(100_000), 1024) as data,
        _dataset(shop, "10,000 x 1 KiB", shop.count(10_000), 1024) as tenth,
    ):
        bom, small_bom = shop.scratch / "many.cdx.json", shop.scratch / "tenth.cdx.json"
        commands = [shop.generate(data, bom), shop.verify(data, bom), shop.plain_loop(data)]
        less = [
            replace(command, name=f"{command.name} (10,000 files)")
            for command in (shop.generate(tenth, small_bom), shop.verify(tenth, small_bom))
        ]
        costs = shop.bench.compare([*commands, *less])
        costs |= {
            command.name: replace(costs[command.name], memory_mib=shop.bench.memory(command)) for command in commands
        }
    make, check, loop = (command.name for command in commands)
    bars = [
        Bar(f"{work}, generate and sign", loop, _ratio(costs, make, loop), 2),
        Bar(f"{work}, verify", loop, _ratio(costs, check, loop), 2),
        Bar(f"{work}, generate and sign", "peak memory, all processes", costs[make].memory_mib, 400, "MiB"),
        Bar(f"{work}, verify", "peak memory, all processes", costs[check].memory_mib, 400, "MiB"),
        Bar("growth from 10,000 to 100,000 files, generate and sign", "itself", _ratio(costs, make, less[0].name), 10),
        Bar("growth from 10,000 to 100,000 files, verify", "itself", _ratio(costs, check, less[1].name), 10),
    ]
    return Result(work, bars, costs)


def large_files(shop: Workshop) -> Result:
    """4 x 512 MiB beside one openssl."""
    work = "4 x 512 MiB"
    with _dataset(shop, work, 4, shop.size(512 * MIB)) as data:
        bom, unsigned = shop.scratch / "large.cdx.json", shop.scratch / "large-unsigned.cdx.json"
        peers = shop.openssl(data)
        make, check = shop.generate(data, unsigned, sign=False), shop.verify(data, bom)
        commands = [shop.generate(data, bom), make, check, *peers]
        costs = shop.bench.compare(commands, memory=True)
    peer = peers[0].name if peers else ""
    against = "one openssl dgst -sha256"
    bars = [
        Bar(f"{work}, generate", against, _ratio(costs, make.name, peer), 0.6),
        Bar(f"{work}, verify", against, _ratio(costs, check.name, peer), 0.6),
    ]
    return Result(work, bars, costs)


def cache(shop: Workshop) -> Result:
    """Generate again after 1 of 64 files of 32 MiB has changed."""
    work = "64 x 32 MiB"
    with _dataset(shop, work, 64, shop.size(32 * MIB)) as data:
        bom = shop.scratch / "cache.cdx.json"
        first = replace(shop.generate(data, bom, sign=False, cache=True, fresh=True), name="first generate, cache on")
        again = replace(shop.generate(data, bom, sign=False, cache=True), name="generate again, 1 file changed")
        firsts, seconds = [], []
        for number in range(shop.bench.runs + 1):
            time.sleep(3)  # what changed less than 2 s before a run is not stored, by design
            firsts.append(shop.bench.once(first))
            datasets.touch_one(data, number + 1)
            seconds.append(shop.bench.once(again))
        shop.forget()
    costs = {first.name: _median(firsts[1:]), again.name: _median(seconds[1:])}  # the first round warmed up
    bars = [
        Bar(f"generate again, 1 of {work} changed, cache on", "first run", _ratio(costs, again.name, first.name), 0.15)
    ]
    return Result(f"{work}, cache on", bars, costs)


def crawl(shop: Workshop) -> Result:
    """20,000 x 4 KiB with a manifest that declares all of them, beside the same without reading it."""
    work = "20,000 x 4 KiB"
    bars: list[Bar] = []
    costs: dict[str, Cost] = {}
    with _dataset(shop, f"{work} declared", shop.count(20_000), 4096) as data:
        for form in ("SHA256SUMS", "MD5SUMS", "croissant.json"):
            manifest = datasets.declare(data, form)
            commands = [
                replace(command, name=f"{command.name} ({form})")
                for command in (shop.crawl(data, manifests=True), shop.crawl(data, manifests=False))
            ]
            costs |= shop.bench.compare(commands)
            manifest.unlink()
            ratio = _ratio(costs, *(command.name for command in commands))
            bars.append(Bar(f"{work}, generate with {form}", "--no-crawl", ratio, 1.2))
    return Result(f"{work}, all declared", bars, costs)


def start(shop: Workshop) -> Result:
    """Start-up: the version, and the verification of ten small files with a key."""
    with _dataset(shop, "10 x 1 KiB", 10, 1024) as data:
        bom = shop.scratch / "start.cdx.json"
        shop.bench.once(shop.generate(data, bom))
        version = Command("data-sbom --version", [*shop.tool, "--version"])
        check, typer = shop.verify(data, bom), shop.import_typer()
        costs = shop.bench.compare([version, typer, check], runs=4 * shop.bench.runs, memory=True)
        watched = Command("verify, imports watched", [shop.python, "-c", _WATCH_IMPORTS, *check.argv])
        imports = 0
        try:
            shop.bench.once(watched)
        except CommandFailedError as error:
            if "exit code 86" not in str(error):
                raise
            imports = 1
    bars = [
        Bar("data-sbom --version", typer.name, _ratio(costs, version.name, typer.name), 1.5),
        Bar("verify of 10 small files with a key", typer.name, _ratio(costs, check.name, typer.name), 4),
        Bar("verify of 10 small files with a key", "imports of sigstore", imports, 0, ""),
    ]
    return Result("start-up (10 x 1 KiB)", bars, costs)


ROWS: dict[str, Callable[[Workshop], Result]] = {
    "small": small_files,
    "many": many_files,
    "large": large_files,
    "cache": cache,
    "crawl": crawl,
    "start": start,
}


@contextlib.contextmanager
def _dataset(shop: Workshop, name: str, count: int, size: int) -> Iterator[Path]:
    """Make a dataset, and remove it afterwards: the next ones need its place on the disk and in the page cache."""
    root = shop.scratch / name.replace(",", "").replace(" ", "-").replace("x", "x")
    try:
        yield datasets.make(root, count, size)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _ratio(costs: dict[str, Cost], ours: str, theirs: str) -> float | None:
    return costs[ours].wall / costs[theirs].wall if theirs in costs else None


def _median(samples: list[tuple[float, float]]) -> Cost:
    return Cost(*(statistics.median(column) for column in zip(*samples, strict=True)))
