"""The Responsible AI vocabulary of Croissant (RAI 1.0, section "RAI property information") → provenance fields.

Croissant 0.8 and early 1.0 files write some of these properties in Croissant's own vocabulary or in none; the names are
the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sbom.manifests.jsonld import Document
    from sbom.manifests.reading import Reading

#: Property → field, and what is written before the value where the field alone does not say what it is.
PROPERTIES: dict[str, tuple[str, str]] = {
    "dataCollection": ("generation-method", ""),
    "dataCollectionType": ("generation-method", ""),
    "hasSyntheticData": ("generation-method", "synthetic data: "),
    "dataCollectionTimeframe": ("collection-period", ""),
    "dataCollectionRawData": ("origin", ""),
    "dataCollectionMissingData": ("noise", "missing data: "),
    "dataLimitations": ("noise", "limitations: "),
    "dataPreprocessingProtocol": ("preprocessing", ""),
    "dataImputationProtocol": ("preprocessing", "imputation: "),
    "dataManipulationProtocol": ("preprocessing", "manipulation: "),
    "dataAnnotationProtocol": ("annotation", ""),
    "dataAnnotationAnalysis": ("annotation", "analysis: "),
    "annotationsPerItem": ("annotation", "annotations per item: "),
    "annotatorDemographics": ("annotator", ""),
    "dataAnnotationPlatform": ("tool", "annotation platform: "),
    "annotationPlatform": ("tool", "annotation platform: "),
    "machineAnnotationTools": ("tool", "machine annotation: "),
    "dataBiases": ("known-bias", ""),
    "dataUseCases": ("intended-use", ""),
    "useCases": ("intended-use", ""),
    "dataSocialImpact": ("intended-use", "social impact: "),
    "personalSensitiveInformation": ("personal-data", ""),
    "dataReleaseMaintenancePlan": ("update-mechanism", ""),
    "dataReleaseMaintenance": ("update-mechanism", ""),
    "dataSharingAgreements": ("restriction", "sharing agreements: "),
    "dataGovernanceProtocol": ("restriction", "governance: "),
}


def sayers(doc: Document, reading: Reading) -> dict[str, Callable[[object, str], None]]:
    """Return what says each of the properties, by its name."""

    def sayer(field: str, prefix: str) -> Callable[[object, str], None]:
        return lambda value, pointer: doc.say(reading, field, value, pointer, prefix=prefix)

    return {name: sayer(field, prefix) for name, (field, prefix) in PROPERTIES.items()}
