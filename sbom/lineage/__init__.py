"""Lineage: what scripts and pipelines say, what recorded runs saw, and the graph that both make.

Nothing of a dataset or a workspace is ever executed or imported: scripts are parsed.
"""
