"""Keys, algorithms and signature forms. Knows neither CycloneDX nor datasets: it signs JSON objects.

Canonical bytes (RFC 8785) come in as a callable, documents as plain JSON values.

========================  ==================================================================
module                    what it holds
========================  ==================================================================
:mod:`.algorithms`        the table of algorithms, and signing and verifying with it
:mod:`.mldsa`             the post-quantum one, where it is installed
:mod:`.keys`              key files, and the identity of a key
:mod:`.services`          keys on tokens and in key services, by URI
:mod:`.certificates`      certificates: files, whom they name, whom a caller trusts by them
:mod:`.paths`             the rules by which a path of certificates leads to a root
:mod:`.timestamps`        RFC 3161 timestamps: asked for, and verified
:mod:`.jwk`               public keys as they are embedded in a signature
:mod:`.interface`         what every signature form reads into, and what every signer does
:mod:`.jsf`               the JSON Signature Format, the form of CycloneDX 1.x
:mod:`.forms`             the registry of forms
:mod:`.trust`             what the signatures of a document mean to somebody with certain keys
:mod:`.answers`           the same as answers to the four questions that a verification asks
========================  ==================================================================
"""
