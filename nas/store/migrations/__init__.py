"""Alembic's side of the store. A new revision: change `tables.py`, then, in this folder,
`alembic revision --autogenerate --rev-id 0002 -m "what"`, read what it wrote, and append to `REVISIONS`.
"""

from typing import Any


def compared(dialect: str) -> dict[str, Any]:
    """Options of Alembic's comparison: our tables alone, without what they declare for another database."""

    def named(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or str(name).startswith("nas_")

    def meant(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        return bool(item.info.get("only", dialect) == dialect)

    return {"include_name": named, "include_object": meant, "compare_type": True}
