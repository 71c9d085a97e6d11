"""The tables, as SQLAlchemy Core; all called `nas_...`, so that Optuna's or MLflow's fit beside them.

Rows are keyed by what the rest of the service calls them, (study, number, ...), so a report needs no
look-up of a surrogate id. Everything that readers count stands as counters on the study row, which
every change of a study locks first: claims and lists take the same time at 1,000 and 100,000 trials.
A change of these tables is a new file in `migrations/versions`; a test compares the two.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

from nas.records import BUDGETED, TrialState

VERSION_TABLE = "nas_alembic_version"
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

COUNTERS = {state: f"num_{state.value}" for state in TrialState}
"""State -> the study column that counts its trials."""


def _of_study(*, primary_key: bool = True) -> Column[int]:
    return Column(
        "study_id", ForeignKey("nas_studies.id", ondelete="CASCADE"), primary_key=primary_key, nullable=False
    )


def _key_part(name: str, type_: type[Integer] | type[Text] = Integer) -> Column[Any]:
    return Column(name, type_, primary_key=True, autoincrement=False)


def _of_trial() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["study_id", "number"], ["nas_trials.study_id", "nas_trials.number"], ondelete="CASCADE"
    )


def _of_trial_checked_cheaply() -> ForeignKeyConstraint:
    """PostgreSQL looks each row up, which took more than half of a write: the writing module sees to it."""
    constraint = _of_trial()
    constraint.info["only"] = "sqlite"
    constraint.ddl_if(dialect="sqlite")
    return constraint


LISTED = (
    *("state", "value_0", "value_1", "value_2", "value_3"),
    *("params", "macs", "activations", "train_bytes", "layers", "receptive_field"),
    *("arch_id", "attempt", "epoch", "cause", "worker"),
    *("created_s", "started_s", "ended_s", "wall_s"),
)
"""What lists of trials are filtered and sorted by."""


def _listed() -> Index:
    """All of it in one place: SQLite, which has no other way past the points, reads a fifth as much."""
    index = Index("ix_nas_trials_list", "study_id", "number", *LISTED, info={"only": "sqlite"})
    return index.ddl_if(dialect="sqlite")


studies = Table(
    "nas_studies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("spec", Text, nullable=False),  # JSON of records.StudySpec
    # Out of the specification, for lists:
    Column("space", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("evaluator", Text, nullable=False),
    Column("sampler", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("minimize", Boolean, nullable=False),
    Column("artifacts", Text, nullable=False),
    Column("attributes", Text, nullable=False, server_default="{}"),  # the sampler's JSON
    Column("budget", Integer, nullable=False),
    Column("wanted", Text, nullable=False, server_default="run"),
    Column("ending", Text),
    Column("created_s", Float, nullable=False),
    Column("changed_s", Float, nullable=False),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("next_number", Integer, nullable=False, server_default="1"),
    Column("next_draw", BigInteger, nullable=False, server_default="0"),
    *(Column(name, Integer, nullable=False, server_default="0") for name in COUNTERS.values()),
    CheckConstraint(" + ".join(COUNTERS[state] for state in BUDGETED) + " <= budget", name="budget"),
    CheckConstraint(" AND ".join(f"{name} >= 0" for name in COUNTERS.values()), name="counters"),
)

drivers = Table(
    "nas_drivers",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_study(primary_key=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("lease_s", Float, nullable=False),
    Column("started_s", Float, nullable=False),
    Column("lease_until_s", Float, nullable=False),
    Column("ended_s", Float),
    Column("lost", Boolean, nullable=False, server_default=text("false")),
    Index(None, "study_id", "ended_s"),
)

trials = Table(
    "nas_trials",
    metadata,
    _of_study(),
    _key_part("number"),
    Column("state", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("arch_id", Text, nullable=False),
    Column("point", Text, nullable=False),  # JSON
    Column("attributes", Text, nullable=False),  # JSON of the sampler
    Column("draw", BigInteger, nullable=False),
    Column("seed", Text, nullable=False),  # a whole number of any size
    Column("params", BigInteger),
    Column("macs", BigInteger),
    Column("activations", BigInteger),
    Column("train_bytes", BigInteger),
    Column("layers", BigInteger),
    Column("receptive_field", BigInteger),
    Column("paths", Text),  # a whole number of any size
    Column("attempt", Integer, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("driver_id", ForeignKey("nas_drivers.id")),
    Column("num_values", Integer, nullable=False, server_default="0"),
    *(Column(f"value_{i}", Float) for i in range(4)),
    Column("metrics", Text),  # JSON; nas_metrics has the same in rows
    Column("cause", Text),
    Column("message", Text, nullable=False, server_default=""),
    Column("worker", Text, nullable=False, server_default=""),
    Column("created_s", Float, nullable=False),
    Column("started_s", Float),
    Column("ended_s", Float),
    Column("wall_s", Float),
    Column("revision", BigInteger, nullable=False),
    Index("ix_nas_trials_state", "study_id", "state", "number"),
    Index("ix_nas_trials_best", "study_id", "state", "value_0", "number"),
    Index("ix_nas_trials_value", "study_id", "value_0", "number"),
    Index("ix_nas_trials_revision", "study_id", "revision", "number"),
    Index("ix_nas_trials_key", "study_id", "key", unique=True),
    _listed(),
)

attempts = Table(
    "nas_attempts",
    metadata,
    _key_part("study_id"),
    _key_part("number"),
    _key_part("attempt"),
    Column("driver_id", ForeignKey("nas_drivers.id")),
    Column("state", Text, nullable=False),
    Column("accepted", Boolean, nullable=False, server_default=text("false")),
    Column("cause", Text),
    Column("message", Text, nullable=False, server_default=""),
    Column("worker", Text, nullable=False, server_default=""),
    Column("started_s", Float, nullable=False),
    Column("ended_s", Float),
    Column("wall_s", Float),
    Column("late_s", Float),
    Column("late_state", Text),
    Column("result", Text),  # JSON {"values": [...], "metrics": {...}}, also of a late result
    _of_trial(),
    # The database itself refuses a second accepted result.
    Index(
        "ix_nas_attempts_accepted",
        "study_id",
        "number",
        unique=True,
        sqlite_where=text("accepted"),
        postgresql_where=text("accepted"),
    ),
    # Few attempts have a cause, so that this costs the others nothing.
    Index(
        "ix_nas_attempts_cause",
        "study_id",
        "cause",
        "started_s",
        "state",
        sqlite_where=text("cause IS NOT NULL"),
        postgresql_where=text("cause IS NOT NULL"),
    ),
)

epochs = Table(
    "nas_epochs",
    metadata,
    _key_part("study_id"),
    _key_part("number"),
    _key_part("attempt"),
    _key_part("epoch"),
    Column("value", Float),  # the first objective's, for stoppers
    Column("metrics", Text, nullable=False),  # JSON
    Column("wall_s", Float, nullable=False),
    Column("reported_s", Float, nullable=False),
    _of_trial_checked_cheaply(),
    sqlite_with_rowid=False,
)

params = Table(
    "nas_params",
    metadata,
    _key_part("study_id"),
    _key_part("label", Text),
    _key_part("number"),
    Column("value", Float),  # of numbers
    Column("json", Text, nullable=False),  # of everything
    _of_trial_checked_cheaply(),
    sqlite_with_rowid=False,
)

metrics = Table(
    "nas_metrics",
    metadata,
    _key_part("study_id"),
    _key_part("metric", Text),
    _key_part("number"),
    Column("value", Float),  # NULL is NaN
    _of_trial_checked_cheaply(),
    sqlite_with_rowid=False,
)

refusals = Table(
    "nas_refusals",
    metadata,
    _of_study(),
    _key_part("reason", Text),
    Column("num", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

screened = Table(
    "nas_screened",
    metadata,
    _of_study(),
    _key_part("key", Text),
    Column("draw", BigInteger, nullable=False),
    Column("arch_id", Text, nullable=False),
    Column("point", Text, nullable=False),  # JSON
    Column("score", Float),  # a proxy's; NULL: it failed
    Index("ix_nas_screened_draw", "study_id", "draw"),
    sqlite_with_rowid=False,
)

notes = Table(
    "nas_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_study(primary_key=False),
    Column("number", Integer),  # of a trial; NULL: on the study as a whole
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_s", Float, nullable=False),
    _of_trial(),
    Index("ix_nas_notes_number", "study_id", "number", "id"),
)

tests = Table(
    "nas_tests",
    metadata,
    _of_study(),
    _key_part("what", Text),  # a trial, an ensemble, a baseline: each sees the test set once
    Column("number", Integer),  # of a trial
    Column("at_s", Float, nullable=False),
    Column("images", Integer, nullable=False),
    Column("wrong", Integer, nullable=False),  # images told wrongly
    Column("record", Text, nullable=False),  # JSON
    _of_trial(),
    sqlite_with_rowid=False,
)

audit = Table(
    "nas_audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at_s", Float, nullable=False),
    Column("actor", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("study", Text, nullable=False),  # its name, since the row outlives it
    Column("detail", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)

gone = Table(
    "nas_gone",
    metadata,
    _key_part("name", Text),  # of a table
    Column("last", Integer, nullable=False),  # the highest id that a deleted row had: none is used again
)
