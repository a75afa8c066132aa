"""Recording a run of a transformation step: what it read and wrote, with what, and how sure that is."""
