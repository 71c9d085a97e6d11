"""Exact prices of an architecture, as folds over its graph."""
