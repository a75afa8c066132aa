"""Names that the format is made of (docs/format.md): properties, digest algorithms, limits."""

from __future__ import annotations

import re

#: Versions of CycloneDX that are written and read.
SPEC_VERSIONS = ("1.7", "1.6")
#: Version of our own profile, in every document that is written.
FORMAT_VERSION = "3"
#: The first version: without provenance.
FORMAT_VERSION_1 = "1"
#: The second one: without lineage.
FORMAT_VERSION_2 = "2"
#: What is read.
FORMAT_VERSIONS = (FORMAT_VERSION_1, FORMAT_VERSION_2, FORMAT_VERSION)

PREFIX = "data-sbom:"
FORMAT = PREFIX + "format-version"
ROOT = PREFIX + "merkle-root"
FILE_COUNT = PREFIX + "file-count"
TOTAL_SIZE = PREFIX + "total-size"
INCLUDE = PREFIX + "include"
EXCLUDE = PREFIX + "exclude"
SYMLINKS = PREFIX + "symlinks"
FOLLOWED = "followed"
RECORDED = "recorded"
PROVENANCE = PREFIX + "provenance"
UNKNOWN = "unknown"
ASSERTED = "asserted"
FIELD = PREFIX + "field:"
UNKNOWN_FIELD = PREFIX + "unknown"
MANIFEST = PREFIX + "manifest"
SOURCE = PREFIX + "source"
#: What 1.7 has a field for; a property in 1.6.
CITATION = PREFIX + "citation"
DECLARED = PREFIX + "declared"
#: Followed by a state: number of declarations in it.
DECLARED_COUNT = DECLARED + ":"
DECLARED_ELSEWHERE = PREFIX + "declared-elsewhere"
GIT_COMMIT = PREFIX + "git:commit"
GIT_BRANCH = PREFIX + "git:branch"
MEDIA_TYPE = PREFIX + "media-type:"
RELATION = PREFIX + "relation"
PREVIOUS = "previous-release"
SIZE = PREFIX + "size"
LINK = PREFIX + "link"
ROWS = PREFIX + "rows"
COLUMNS = PREFIX + "columns"
LINEAGE = PREFIX + "lineage"
LINEAGE_PREFIX = PREFIX + "lineage-prefix"
UPSTREAM = "upstream"
#: Of a step: what CycloneDX has no field for.
ORIGIN = PREFIX + "origin"
ARGV = PREFIX + "argv"
DIRECTORY = PREFIX + "directory"
ACTOR = PREFIX + "actor"
EXIT_CODE = PREFIX + "exit-code"
GIT_DIRTY = PREFIX + "git:dirty"
OBSERVATION = PREFIX + "observation"
COMPLETE = PREFIX + "observation-complete"
GAP = PREFIX + "observation-gap"
ENVELOPE = PREFIX + "envelope"
#: Of what a step reads or writes.
WORD = PREFIX + "word"
HASHED_AFTER = PREFIX + "hashed-after"
ROW_DIGESTS = PREFIX + "row-digests"

#: bom-ref of the dataset, and prefixes of the others.
DATASET_REF = "dataset"
FILE_REF = "file:"
RELEASE_REF = "release:"
#: A manifest that is no file of the inventory.
MANIFEST_REF = "manifest:"
#: Another dataset, that steps read from.
UPSTREAM_REF = "upstream:"
#: How the dataset came about: a formula, and what is in it.
LINEAGE_REF = "lineage"
WORKFLOW_REF = "workflow"
STEP_REF = "step:"
ARTIFACT_REF = "artifact:"
SOFTWARE_REF = "software:"
#: Whoever called data-sbom, and data-sbom itself.
CALLER_REF = "caller"
TOOL_REF = "data-sbom"

#: CycloneDX algorithm name → hexadecimal digits of a digest.
DIGEST_LENGTHS = {
    "MD5": 32,
    "SHA-1": 40,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "BLAKE3": 64,
}
#: What ``--hash`` takes → CycloneDX name. The weak ones are read and checked, never written.
HASH_OPTIONS = {name.lower().replace("sha-", "sha"): name for name in DIGEST_LENGTHS if name not in {"MD5", "SHA-1"}}

HEX = re.compile(r"[0-9a-f]+")
SERIAL = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
BOM_LINK = re.compile(r"urn:cdx:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/([1-9][0-9]{0,8})")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")
#: Characters that the version of a component has at most.
MAX_VERSION = 1024
#: Characters of a signed step record that is kept in a document.
MAX_ENVELOPE = 128 << 20
#: Exit codes are smaller, and a negative one is a signal (POSIX has 8 bits, Windows 32).
MAX_EXIT_CODE = (1 << 32) - 1
#: Integers above this are read differently by different JSON readers (RFC 8785, section 3.2.2.3).
MAX_SAFE_INTEGER = (1 << 53) - 1
