"""The dashboard and its API: FastAPI over `nas.service`; it only renders what the functions there return.

How a page is added: `nas/dashboard/pages` has a module a theme, each with a `router` (a FastAPI `APIRouter`).
A route asks the service in a thread and renders a template:

    @router.get("/studies/{study}")
    async def study(request: Request, desk: AtDesk, study: str) -> Response:
        context = {"page": "studies", "title": study}
        return await desk.page(request, "study.html", study_page, study, context=context)

`Desk.page` calls `study_page(store, study)` and hands its answer to the template as `view`, beside the names
that all templates know (see `nas.dashboard.rendering`). A mistake of the user's is answered with the template
`error.html`. Modules of `nas/dashboard/pages` that have a `router` are found by themselves. Static files lie
in `nas/dashboard/static` and are named in templates by `static('nas.css')`.
"""
