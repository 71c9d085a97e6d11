"""Ids of deleted rows are remembered; the first specifications and notes of slots are completed; PostgreSQL
looks up no trial for each narrow row."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ADDED: dict[str, object] = {"timeout_s": None, "limits": [], "screen": None, "repeat": 1}
"""What specifications had not yet when stores began, as it was then."""


def upgrade() -> None:
    """Every specification says all; the writing module alone sees to the narrow rows' trials there."""
    op.create_table(
        "nas_gone",
        sa.Column("name", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_nas_gone"),
    )
    _complete_specifications()
    _complete_slots()
    if op.get_context().dialect.name == "postgresql":
        for table in ("nas_epochs", "nas_metrics", "nas_params"):
            op.drop_constraint(f"fk_{table}_study_id_number", table, type_="foreignkey")


def _complete_specifications() -> None:
    studies = sa.table("nas_studies", sa.column("id", sa.Integer), sa.column("spec", sa.Text))
    connection = op.get_bind()
    for study in connection.execute(sa.select(studies.c.id, studies.c.spec)).all():
        spec = json.loads(study.spec)
        if not spec.keys() >= ADDED.keys():
            whole = json.dumps({**ADDED, **spec}, separators=(",", ":"))
            connection.execute(sa.update(studies).where(studies.c.id == study.id).values(spec=whole))


def _complete_slots() -> None:
    """Drivers had all their slots from their start."""
    studies = sa.table("nas_studies", sa.column("id", sa.Integer), sa.column("attributes", sa.Text))
    drivers = sa.table("nas_drivers", sa.column("id", sa.Integer), sa.column("started_s", sa.Float))
    connection = op.get_bind()
    started = {f"slots of driver {row.id}": row.started_s for row in connection.execute(sa.select(drivers))}
    for study in connection.execute(sa.select(studies)).all():
        kept = json.loads(study.attributes)
        for name in kept.keys() & started.keys():
            kept[name] = {"since_s": started[name], "slot_s": 0.0, **kept[name]}
        whole = json.dumps(kept, separators=(",", ":"))
        connection.execute(sa.update(studies).where(studies.c.id == study.id).values(attributes=whole))
