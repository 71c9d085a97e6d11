"""Candidates that a proxy has scored."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Room for what screening finds."""
    op.create_table(
        "nas_screened",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("draw", sa.BigInteger(), nullable=False),
        sa.Column("arch_id", sa.Text(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["nas_studies.id"], name="fk_nas_screened_study_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "key", name="pk_nas_screened"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_nas_screened_draw", "nas_screened", ["study_id", "draw"])
