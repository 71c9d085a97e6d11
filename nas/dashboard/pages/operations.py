"""The pages of what goes on and what went wrong: cluster and failures."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from nas.dashboard.desk import AtDesk
from nas.service.views.cluster import cluster_page
from nas.service.views.failures import Failures, failures
from nas.store import Store

router = APIRouter(include_in_schema=False)

MEANINGS: Mapping[str, str] = {
    "preempted": "The worker died or was taken away. The trial goes on from its last checkpoint elsewhere.",
    "released": "Its driver let go of it: paused, stopped, or silent for longer than its lease.",
    "out_of_memory": "Network and batch did not fit. A smaller batch, or a limit on train_bytes, helps.",
    "diverged": "The loss became no number. A lower learning rate helps.",
    "error": "Something was raised. The same in every trial is a mistake of the recipe or the space.",
    "timeout": "The attempt took longer than --timeout-per-trial allows.",
}


@dataclass(frozen=True)
class FailuresView:
    """Failures, and what each cause means."""

    study: str | None
    found: Failures
    meanings: Mapping[str, str]
    refused: list[tuple[str, list[tuple[str, int]], int]]
    """(study, reasons with their points, the largest first, the largest of them)."""


@router.get("/cluster")
async def cluster(request: Request, desk: AtDesk) -> Response:
    """Drivers, running trials, queue, workers, nodes."""
    context = {"page": "cluster", "title": "Cluster"}
    address = desk.settings.address
    return await desk.page(request, "cluster.html", cluster_page, address=address, context=context)


@router.get("/failures")
async def failing(request: Request, desk: AtDesk) -> Response:
    """Failures of all studies, or of `?study=`."""
    study = request.query_params.get("study") or None
    context = {"page": "failures", "title": "Failures"}
    return await desk.page(request, "failures.html", failures_view, study, context=context)


def failures_view(store: Store, study: str | None) -> FailuresView:
    """The page."""
    found = failures(store, study=study)
    refused = []
    for name, reasons in found.infeasible.items():
        ranked = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
        refused.append((name, ranked, ranked[0][1]))
    return FailuresView(study, found, MEANINGS, refused)
