"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """An empty database becomes a store."""
    op.create_table(
        "nas_studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("sampler", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("minimize", sa.Boolean(), nullable=False),
        sa.Column("artifacts", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Text(), server_default="run", nullable=False),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("created_s", sa.Float(), nullable=False),
        sa.Column("changed_s", sa.Float(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("next_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("next_draw", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("num_queued", sa.Integer(), server_default="0", nullable=False),
        sa.Column("num_running", sa.Integer(), server_default="0", nullable=False),
        sa.Column("num_complete", sa.Integer(), server_default="0", nullable=False),
        sa.Column("num_pruned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("num_failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("num_cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("num_infeasible", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "num_queued + num_running + num_complete + num_pruned + num_failed <= budget",
            name=op.f("ck_nas_studies_budget"),
        ),
        sa.CheckConstraint(
            "num_queued >= 0 AND num_running >= 0 AND num_complete >= 0 "
            "AND num_pruned >= 0 AND num_failed >= 0 AND num_cancelled >= 0 AND num_infeasible >= 0",
            name=op.f("ck_nas_studies_counters"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_nas_studies"),
        sa.UniqueConstraint("name", name="uq_nas_studies_name"),
    )
    op.create_table(
        "nas_drivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("lease_s", sa.Float(), nullable=False),
        sa.Column("started_s", sa.Float(), nullable=False),
        sa.Column("lease_until_s", sa.Float(), nullable=False),
        sa.Column("ended_s", sa.Float(), nullable=True),
        sa.Column("lost", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["nas_studies.id"], name="fk_nas_drivers_study_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_nas_drivers"),
    )
    op.create_index("ix_nas_drivers_study_id_ended_s", "nas_drivers", ["study_id", "ended_s"], unique=False)

    op.create_table(
        "nas_refusals",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("num", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["nas_studies.id"], name="fk_nas_refusals_study_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "reason", name="pk_nas_refusals"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nas_trials",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("arch_id", sa.Text(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("draw", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("params", sa.BigInteger(), nullable=True),
        sa.Column("macs", sa.BigInteger(), nullable=True),
        sa.Column("activations", sa.BigInteger(), nullable=True),
        sa.Column("train_bytes", sa.BigInteger(), nullable=True),
        sa.Column("layers", sa.BigInteger(), nullable=True),
        sa.Column("receptive_field", sa.BigInteger(), nullable=True),
        sa.Column("paths", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=True),
        sa.Column("num_values", sa.Integer(), server_default="0", nullable=False),
        sa.Column("value_0", sa.Float(), nullable=True),
        sa.Column("value_1", sa.Float(), nullable=True),
        sa.Column("value_2", sa.Float(), nullable=True),
        sa.Column("value_3", sa.Float(), nullable=True),
        sa.Column("metrics", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("created_s", sa.Float(), nullable=False),
        sa.Column("started_s", sa.Float(), nullable=True),
        sa.Column("ended_s", sa.Float(), nullable=True),
        sa.Column("wall_s", sa.Float(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["driver_id"], ["nas_drivers.id"], name="fk_nas_trials_driver_id"),
        sa.ForeignKeyConstraint(
            ["study_id"], ["nas_studies.id"], name="fk_nas_trials_study_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "number", name="pk_nas_trials"),
    )
    op.create_index(
        "ix_nas_trials_best", "nas_trials", ["study_id", "state", "value_0", "number"], unique=False
    )
    op.create_index("ix_nas_trials_key", "nas_trials", ["study_id", "key"], unique=True)
    op.create_index("ix_nas_trials_revision", "nas_trials", ["study_id", "revision", "number"], unique=False)
    op.create_index("ix_nas_trials_state", "nas_trials", ["study_id", "state", "number"], unique=False)
    op.create_index("ix_nas_trials_value", "nas_trials", ["study_id", "value_0", "number"], unique=False)

    op.create_table(
        "nas_attempts",
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("started_s", sa.Float(), nullable=False),
        sa.Column("ended_s", sa.Float(), nullable=True),
        sa.Column("wall_s", sa.Float(), nullable=True),
        sa.Column("late_s", sa.Float(), nullable=True),
        sa.Column("late_state", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["driver_id"], ["nas_drivers.id"], name="fk_nas_attempts_driver_id"),
        sa.ForeignKeyConstraint(
            ["study_id", "number"],
            ["nas_trials.study_id", "nas_trials.number"],
            name="fk_nas_attempts_study_id_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("study_id", "number", "attempt", name="pk_nas_attempts"),
    )
    op.create_index(
        "ix_nas_attempts_accepted",
        "nas_attempts",
        ["study_id", "number"],
        unique=True,
        sqlite_where=sa.text("accepted"),
        postgresql_where=sa.text("accepted"),
    )

    op.create_table(
        "nas_epochs",
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.Column("wall_s", sa.Float(), nullable=False),
        sa.Column("reported_s", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "number"],
            ["nas_trials.study_id", "nas_trials.number"],
            name="fk_nas_epochs_study_id_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("study_id", "number", "attempt", "epoch", name="pk_nas_epochs"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nas_metrics",
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("metric", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id", "number"],
            ["nas_trials.study_id", "nas_trials.number"],
            name="fk_nas_metrics_study_id_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("study_id", "metric", "number", name="pk_nas_metrics"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nas_params",
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "number"],
            ["nas_trials.study_id", "nas_trials.number"],
            name="fk_nas_params_study_id_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("study_id", "label", "number", name="pk_nas_params"),
        sqlite_with_rowid=False,
    )
