"""A study's report, to be saved and mailed."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.responses import HTMLResponse

from nas.dashboard.desk import AtDesk
from nas.dashboard.errors import responses
from nas.report import file_name, report as written

router = APIRouter(tags=["studies"], responses=responses(404))

PATIENCE_S = 20.0
"""How long what a report computes in another process is waited for."""


@router.get("/studies/{study}/report.html", response_class=HTMLResponse)
async def report(
    desk: AtDesk,
    study: str,
    metric: Annotated[str | None, Query(max_length=200, description="Default: the objective")] = None,
) -> Response:
    """All about a study in one file that opens without a network."""
    text = await desk.read(written, [study], metric=metric, wait_s=PATIENCE_S)
    headers = {"Content-Disposition": f'attachment; filename="{file_name([study])}"'}
    return Response(text, headers=headers, media_type="text/html")
