"""Which elements a standard asks for, and which of them a dataset and its document fill (docs/profiles.md).

The standards are data files (``schemas/profiles/``). Nothing here judges whether a value is true: it tells whether
there is one, and who says so.
"""

from __future__ import annotations

from sbom.profiles.catalog import Element, Profile, Standard, ids, load
from sbom.profiles.evaluation import Count, Evaluation, ProfileError, Result, evaluate, missing_required, require
from sbom.profiles.facts import BY_DOCUMENT, Fact, Stated, facts, meaningful
from sbom.profiles.hints import hints

__all__ = [
    "BY_DOCUMENT",
    "Count",
    "Element",
    "Evaluation",
    "Fact",
    "Profile",
    "ProfileError",
    "Result",
    "Standard",
    "Stated",
    "evaluate",
    "facts",
    "hints",
    "ids",
    "load",
    "meaningful",
    "missing_required",
    "require",
]
