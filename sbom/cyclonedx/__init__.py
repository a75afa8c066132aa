"""Model ⇄ CycloneDX document: strict loading, canonical bytes, schemas, references, our profile, writing."""
