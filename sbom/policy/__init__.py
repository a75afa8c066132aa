"""Trust policies: who may sign what, and what a release must be like, written down once by whoever uses the data.

=====================  ============================================================================
module                 what it holds
=====================  ============================================================================
:mod:`.model`          what a policy is
:mod:`.structure`      the form of a policy file: its JSON schema, and what a misspelled key means
:mod:`.read`           a policy file → a policy
:mod:`.build`          its tables → the parts of a policy, and what contradicts in them
:mod:`.facts`          what a verification knows, and what a policy decides
:mod:`.people`         which persons have signed: one person counts once, with however many keys
:mod:`.exceptions`     problems that a policy lets pass, for a reason and a time
:mod:`.signing`        rules: who signed, and with what
:mod:`.contents`       rules: files, provenance, lineage, the dataset
:mod:`.history`        rules: predecessors, what was seen before
:mod:`.revocation`     rules: who took a release back
:mod:`.decide`         the order of the rules
:mod:`.state`          the file that remembers what was seen
:mod:`.sentences`      a policy in words
:mod:`.template`       a policy to start from
=====================  ============================================================================
"""
