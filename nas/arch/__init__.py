"""Architectures as nested frozen values: shapes, primitive layers, containers, identity."""
