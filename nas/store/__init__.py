"""The store: every fact of every study, in SQL; SQLite beside the user, PostgreSQL for clusters.

    with open_store() as store:
        study = store.create_study("vgg", spec, budget=24, artifacts=store.artifacts + "/vgg")

Importing this room loads sqlalchemy; alembic only when a store is created or upgraded.
"""

from nas.store import rows
from nas.store.store import Store, open_store, upgrade_store

__all__ = ["Store", "open_store", "rows", "upgrade_store"]
