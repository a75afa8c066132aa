"""The rules on what a release holds: its files, where they come from, how they were made, which dataset it is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sbom.inventory import selection
from sbom.names import display
from sbom.policy.facts import Found, Problem
from sbom.policy.model import ANY_STEP, DATASET, FILES, LINEAGE, PROVENANCE, Files, Lineage, Provenance, Wanted
from sbom.policy.people import by_identity
from sbom.transformation import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sbom.policy.facts import Facts
    from sbom.policy.model import Policy


def files(policy: Policy, facts: Facts) -> Found:
    """Judge the files that a document lists, and those that were let pass without being listed."""
    if policy.files == Files():
        return Found(FILES, None, idle="the policy says nothing of files")
    problems = (*_extras(policy.files, facts), *_hashes(policy.files, facts), *_sizes(policy.files, facts))
    dataset = facts.dataset
    evidence = {"files": len(dataset.files), "bytes": dataset.total_size, "allowed_extra": len(facts.allowed_extra)}
    return Found(FILES, "the files are as the policy wants them", problems, evidence)


def provenance(policy: Policy, facts: Facts) -> Found:
    """Judge whether everything is known of where the dataset comes from that has to be."""
    wanted = policy.provenance
    if wanted == Provenance():
        return Found(PROVENANCE, None, idle="the policy says nothing of provenance")
    known = facts.known
    if known is None:
        problem = Problem("nobody looked at what the document says of provenance", undecided=True)
        return Found(PROVENANCE, "", (problem,))
    problems = [Problem(f"{name} is not known", name) for name in wanted.required if name not in known]
    for profile_id in wanted.profiles:
        from sbom.profiles import evaluate, load, missing_required  # noqa: PLC0415  # only where a profile is asked for

        profile = load(profile_id)
        problems += [
            Problem(f"{profile.title} requires {display(one.element.title, 80)}, which is missing", one.element.id)
            for one in missing_required(evaluate(profile, known))
        ]
    return Found(PROVENANCE, "everything is known that the policy asks for", tuple(problems))


def lineage(policy: Policy, facts: Facts) -> Found:
    """Judge how much is known of how the dataset was made, and who signed the records."""
    wanted = policy.lineage
    if wanted == Lineage():
        return Found(LINEAGE, None, idle="the policy says nothing of lineage")
    problems = [*_level(wanted, facts), *_steps(policy, facts)]
    evidence = {"level": facts.lineage_level, "steps": len(facts.dataset.lineage.steps)}
    return Found(
        LINEAGE, "the lineage is complete enough, and signed by whom the policy names", tuple(problems), evidence
    )


def dataset(policy: Policy, facts: Facts) -> Found:
    """Judge whether it is the dataset, and a release, that the policy is about. Everything is compared exactly."""
    wanted, found = policy.dataset, facts.dataset
    if wanted == Wanted():
        return Found(DATASET, None, idle="the policy is about any dataset")
    problems = []
    if wanted.names and found.name not in wanted.names:
        problems.append(Problem(f"the dataset is {display(found.name, 80)}, not {_either(wanted.names)}"))
    if wanted.versions and found.version not in wanted.versions:
        version = "has no version" if found.version is None else f"is version {display(found.version, 80)}"
        problems.append(Problem(f"the release {version}, not {_either(wanted.versions)}"))
    if wanted.roots and found.root not in wanted.roots:
        problems.append(Problem(f"the root is {found.root}, not {_either(wanted.roots)}"))
    evidence = {"name": found.name, "version": found.version, "root": found.root}
    return Found(DATASET, "it is the dataset that the policy is about", tuple(problems), evidence)


def _either(values: tuple[str, ...]) -> str:
    return " or ".join(display(value, 80) for value in values)


def _extras(wanted: Files, facts: Facts) -> Iterator[Problem]:
    if wanted.extras is None:
        return
    for path in facts.allowed_extra:
        if not selection.matches(path, wanted.extras):
            yield Problem(f"{display(path)} is not listed, and was let pass against the policy", path)


def _hashes(wanted: Files, facts: Facts) -> Iterator[Problem]:
    needed = frozenset(wanted.hashes)
    if not needed:
        return
    for entry in facts.dataset.files:
        missing = needed.difference(name for name, _ in entry.digests)
        if missing:
            yield Problem(f"{display(entry.path)} has no {' and no '.join(sorted(missing))}", entry.path)


def _sizes(wanted: Files, facts: Facts) -> Iterator[Problem]:
    listed = facts.dataset.files
    if wanted.max_files is not None and len(listed) > wanted.max_files:
        yield Problem(f"there are {len(listed):,} files, and at most {wanted.max_files:,} are allowed")
    if wanted.max_total_size is not None and (total := facts.dataset.total_size) > wanted.max_total_size:
        yield Problem(f"the files have {total:,} bytes, and at most {wanted.max_total_size:,} are allowed")
    if wanted.max_file_size is not None:
        for entry in listed:
            if entry.size > wanted.max_file_size:
                limit = f"and at most {wanted.max_file_size:,} are allowed"
                yield Problem(f"{display(entry.path)} has {entry.size:,} bytes, {limit}", entry.path)
    if wanted.complete and facts.dataset.selection.left_out:
        yield Problem("the document leaves files of the dataset out")
    if wanted.complete and facts.only:
        yield Problem("only a part of the data was looked at (--only)")


def _level(wanted: Lineage, facts: Facts) -> Iterator[Problem]:
    if wanted.level is None:
        return
    found = facts.lineage_level
    if found is None:
        yield Problem("nobody judged the lineage", undecided=True)
    elif found not in LEVELS or LEVELS.index(found) < LEVELS.index(wanted.level):
        yield Problem(f"the lineage is {display(found, 40)}, and {wanted.level} is needed")


def _steps(policy: Policy, facts: Facts) -> Iterator[Problem]:
    rules = dict(policy.lineage.signers)
    if not rules:
        return
    signers = by_identity(policy.signers)
    recorded = [step.name for step in facts.dataset.lineage.steps if step.recorded]
    for name in dict.fromkeys((*(name for name in rules if name != ANY_STEP), *recorded)):
        roles = rules.get(name, rules.get(ANY_STEP))
        if roles is None:
            continue
        if name in rules and name in facts.aside:
            yield Problem(f"step {display(name, 80)} is there, but no file of the dataset comes from it", name)
            continue
        who = {signers.get(identity) for identity in facts.step_signers.get(name, ())}
        if not who & policy.members(roles):
            what = "is signed by nobody" if name in recorded else "was not recorded, and has to be signed by somebody"
            yield Problem(f"step {display(name, 80)} {what} who is {' or '.join(roles)}", name)
