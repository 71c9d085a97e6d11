"""How the tests of exports ask."""

from pathlib import Path
from typing import Any

from nas.service.engines import EngineOptions
from nas.service.exporting import ExportOptions

INLINE = EngineOptions(engine="inline")


def to(target: str, out: Path, **more: Any) -> ExportOptions:
    return ExportOptions(to=target, out=out, **more)
