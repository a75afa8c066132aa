"""Signed statements about a data SBOM that travel beside it: in-toto Statements in DSSE envelopes in Sigstore bundles.

=====================  ============================================================================
module                 what it holds
=====================  ============================================================================
:mod:`.interface`      whom a caller trusts, and what a signature means to them
:mod:`.statement`      in-toto Statements v1
:mod:`.predicates`     every predicate type that is accepted, and what has to be in it
:mod:`.bundle`         Sigstore bundles, read strictly and written
:mod:`.keyed`          bundles signed by a key
:mod:`.certified`      bundles signed by a certificate of the caller's own authority
:mod:`.keyless`        bundles signed by a Sigstore identity
:mod:`.evaluation`     which of the three a bundle is for
:mod:`.sidecars`       the bundles beside a document, or in a directory
=====================  ============================================================================
"""
