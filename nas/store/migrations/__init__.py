"""Alembic's side of the store. A new revision: change `tables.py`, then, in this folder,
`alembic revision --autogenerate --rev-id 0002 -m "what"`, read what it wrote, and append to `REVISIONS`.
"""
