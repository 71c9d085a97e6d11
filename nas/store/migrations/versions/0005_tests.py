"""What networks and baselines did on test sets."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Room for results on test sets; nothing that was stored changes."""
    op.create_table(
        "nas_tests",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("at_s", sa.Float(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["nas_studies.id"], name="fk_nas_tests_study_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "number"],
            ["nas_trials.study_id", "nas_trials.number"],
            name="fk_nas_tests_study_id_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("study_id", "what", name="pk_nas_tests"),
        sqlite_with_rowid=False,
    )
