"""Crawl what dataset publishers already write: one reader per format behind one interface."""
