"""What Alembic runs: the migrations on the connection it is given, with our own version table."""

from alembic import context
from sqlalchemy import Connection, create_engine

from nas.store.migrations import compared
from nas.store.tables import VERSION_TABLE, metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        render_as_batch=True,
        **compared(connection.dialect.name),
    )
    with context.begin_transaction():
        context.run_migrations()


if given := context.config.attributes.get("connection"):
    _run(given)
else:  # `alembic revision --autogenerate`, by hand
    with create_engine(str(context.config.get_main_option("sqlalchemy.url"))).begin() as own:
        _run(own)
