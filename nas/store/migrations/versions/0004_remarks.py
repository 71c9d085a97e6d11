"""Notes on studies and trials, what was done through the service, trials and failures listed by index."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

LISTED = (
    *("state", "value_0", "value_1", "value_2", "value_3"),
    *("params", "macs", "activations", "train_bytes", "layers", "receptive_field"),
    *("arch_id", "attempt", "epoch", "cause", "worker"),
    *("created_s", "started_s", "ended_s", "wall_s"),
)


def upgrade() -> None:
    """Room for what people say and do; nothing that was stored changes."""
    op.create_table(
        "nas_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_s", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["nas_studies.id"], name="fk_nas_notes_study_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "number"],
            ["nas_trials.study_id", "nas_trials.number"],
            name="fk_nas_notes_study_id_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_nas_notes"),
    )
    op.create_index("ix_nas_notes_number", "nas_notes", ["study_id", "number", "id"])
    op.create_table(
        "nas_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_s", sa.Float(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_nas_audit"),
    )
    op.create_index(
        "ix_nas_attempts_cause",
        "nas_attempts",
        ["study_id", "cause", "started_s", "state"],
        sqlite_where=sa.text("cause IS NOT NULL"),
        postgresql_where=sa.text("cause IS NOT NULL"),
    )
    if op.get_context().dialect.name == "sqlite":
        op.create_index("ix_nas_trials_list", "nas_trials", ["study_id", "number", *LISTED])
