"""The root of all commands."""

from typing import Annotated

import typer

from nas.cli import (
    bench,
    compare,
    cost,
    deleting,
    doctor,
    enqueue,
    export,
    final,
    listing,
    look,
    metrics,
    pareto,
    report,
    scale,
    search,
    serve,
    spaces,
    store,
    studies,
    verify_proxy,
)

app = typer.Typer(
    name="nas",
    help="Search over neural-network design spaces. Begin with: nas search efficientnet-scaling",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from nas.versions import ours

        print(f"nas {ours()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Search over neural-network design spaces. Begin with: nas search efficientnet-scaling"""


app.command("search", epilog=search.EXIT_CODES)(search.search)
app.command("resume", epilog=search.EXIT_CODES)(search.resume)
app.command("pause")(studies.pause)
app.command("stop")(studies.stop)
app.command("cancel")(studies.cancel)
app.command("enqueue")(enqueue.enqueue)
app.command("delete")(deleting.delete)
app.command("train", epilog=search.EXIT_CODES)(final.train)
app.command("evaluate")(final.evaluate)
app.command("ensemble")(final.ensemble)
app.command("studies")(listing.studies)
app.command("show")(studies.show)
app.command("trials")(listing.trials)
app.command("trial")(studies.trial)
app.command("best")(studies.best)
app.command("look")(look.look)
app.command("pareto")(pareto.pareto)
app.command("compare")(compare.compare)
app.command("verify-proxy")(verify_proxy.verify_proxy)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("scale")(scale.scale)
app.add_typer(spaces.app, name="space")
app.add_typer(store.app, name="store")
app.command("cost")(cost.cost)
app.command("bench")(bench.bench)
app.command("metrics")(metrics.metrics)
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)
